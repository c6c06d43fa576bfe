"""The errors this package raises on purpose."""


class DaybookError(Exception):
    """Base of all errors of this package."""


class RuleError(DaybookError, ValueError):
    """A rule or schedule was asked for that cannot exist."""


class ParseError(DaybookError, ValueError):
    """A text is not a rule or duration."""

    def __init__(self, text, reason):
        super().__init__(f"cannot read {text!r}: {reason}")
        self.text = text
        self.reason = reason
