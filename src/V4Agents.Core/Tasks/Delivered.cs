using V4Agents.Core.Blobs;

namespace V4Agents.Core.Tasks;

public sealed record Delivered(BlobId? Patch, BlobId Report, BlobId Receipt);
