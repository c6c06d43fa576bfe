using System.Buffers.Binary;
using System.Text;

namespace V4Agents.Runner;

/// <summary>A git bundle of one commit on top of another: a few lines of text, then a thin pack.</summary>
internal static class Bundle
{
    public const int MaxBytes = 64 << 20;

    private const string Signature = "# v2 git bundle\n";
    private const string Reference = "refs/v4/checkpoint";

    // From here on a pack stays a pack; below it its objects become loose ones, which are packed together later.
    private const int ManyObjects = 100;

    // What git finds wrong with files that git itself shall interpret. Nobody does here: to the shadow they are bytes.
    private const string Fsck =
        "--strict=hasDotgit=ignore,gitmodulesBlob=ignore,gitmodulesLarge=ignore,gitmodulesMissing=ignore,gitmodulesName=ignore,gitmodulesParse=ignore,"
        + "gitmodulesPath=ignore,gitmodulesSymlink=ignore,gitmodulesUpdate=ignore,gitmodulesUrl=ignore,gitignoreSymlink=ignore,gitattributesSymlink=ignore,"
        + "gitattributesLarge=ignore,gitattributesLineLength=ignore,gitattributesBlob=ignore,gitattributesMissing=ignore,mailmapSymlink=ignore";

    /// <returns>Null when it would be larger than <see cref="MaxBytes"/>.</returns>
    public static async Task<byte[]?> MakeAsync(string since, string commit)
    {
        var bundle = new MemoryStream();
        bundle.Write(Encoding.ASCII.GetBytes($"{Signature}-{since}\n{commit} {Reference}\n\n"));
        using var process = OwnProcesses.Start(
            Git.Command(Layout.ShadowGit, "pack-objects", "--stdout", "--revs", "--thin", "--delta-base-offset", "--quiet"));
        using var limit = OwnProcesses.LimitOf(process);
        try
        {
            var errors = process.StandardError.ReadToEndAsync();
            await process.StandardInput.WriteAsync($"{commit}\n^{since}\n");
            process.StandardInput.Close();
            var buffer = new byte[64 * 1024];
            for (int count; (count = await process.StandardOutput.BaseStream.ReadAsync(buffer)) > 0;)
            {
                bundle.Write(buffer, 0, count);
                if (bundle.Length > MaxBytes)
                {
                    process.Kill();
                    return null;
                }
            }

            await process.WaitForExitAsync();
            return process.ExitCode == 0 ? bundle.ToArray() : throw Git.Failure(await errors);
        }
        finally
        {
            OwnProcesses.End(process);
        }
    }

    /// <summary>Takes the bundle's objects in; git checks each one and that all it leads to is there.</summary>
    public static async Task UnpackAsync(ReadOnlyMemory<byte> bundle, string commit)
    {
        var end = bundle.Span.IndexOf("\n\nPACK"u8);
        var head = end < 0 ? "" : Encoding.ASCII.GetString(bundle.Span[..(end + 1)]);
        var pack = end < 0 ? default : bundle[(end + 2)..];
        if (!head.StartsWith(Signature, StringComparison.Ordinal) || !head.Contains($"\n{commit} {Reference}\n", StringComparison.Ordinal) || pack.Length < 12)
        {
            throw new RequestException($"What was sent for checkpoint {commit} is not its bundle.");
        }

        string[] command = BinaryPrimitives.ReadUInt32BigEndian(pack.Span[8..]) < ManyObjects
            ? ["unpack-objects", "-q", Fsck]
            : ["index-pack", "--stdin", "--fix-thin", Fsck];
        var (exit, _, errors) = await Git.TryAsync(Layout.ShadowGit, pack, command);
        if (exit != 0)
        {
            throw Git.Failure($"checkpoint {commit}: {errors}");
        }
    }
}
