"""What reviewers do."""

from .verdicts import CommentMissing, NothingToReview, OwnWork, give_verdict

__all__ = ["CommentMissing", "NothingToReview", "OwnWork", "give_verdict"]
