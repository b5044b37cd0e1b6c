"""Why there is no ground to stand on."""


class GroundError(Exception):
    """This machine cannot, or must not, carry the ground: what is wrong, and what would help."""

    def __init__(self, message: str, would_help: str) -> None:
        super().__init__(message)
        self.message = message
        self.would_help = would_help
