namespace V4Agents.Core.Repositories;

/// <param name="Ref">The ref as asked for, or <c>HEAD</c>.</param>
/// <param name="Commit">40 hexadecimal digits.</param>
/// <param name="Tree">The commit's tree, 40 hexadecimal digits.</param>
public sealed record PreparedRepository(RepositoryId Id, string Ref, string Commit, string Tree, int Files);
