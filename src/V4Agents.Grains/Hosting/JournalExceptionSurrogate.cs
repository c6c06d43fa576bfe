using V4Agents.Core.Journal;

namespace V4Agents.Grains.Hosting;

/// <summary>A journal fault as it crosses from a grain to its caller: the kind and the message, not the inner exception.</summary>
[GenerateSerializer, Alias("journal-exception")]
internal struct JournalExceptionSurrogate
{
    [Id(0)]
    public int Fault;

    [Id(1)]
    public string Message;
}

[RegisterConverter]
internal sealed class JournalExceptionConverter : IConverter<JournalException, JournalExceptionSurrogate>
{
    public JournalException ConvertFromSurrogate(in JournalExceptionSurrogate surrogate) => new((JournalFault)surrogate.Fault, surrogate.Message);

    public JournalExceptionSurrogate ConvertToSurrogate(in JournalException value) => new() { Fault = (int)value.Fault, Message = value.Message };
}
