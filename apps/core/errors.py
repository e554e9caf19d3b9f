"""Refusals: what a service raises when it will not do what was asked. One handler turns them into HTTP."""

from typing import Any, ClassVar


class Refusal(Exception):
    """A request that cannot be served as it stands. `message` is a plain sentence that a person can act on."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "refused"
    message: ClassVar[str] = "This cannot be done as things stand."

    def __init__(self, message: str = "", *, field: str | None = None, **details: Any) -> None:
        self.text = message or str(self.message)
        self.field = field
        self.details = details or None
        super().__init__(self.text)


class NotFound(Refusal):
    """Unknown or somebody else's: the two must not be told apart."""

    status = 404
    code = "not_found"
    message = "There is nothing here under this address."


class NotAllowed(Refusal):
    """Known to the caller, but not for this role."""

    status = 403
    code = "not_allowed"
    message = "Your role does not allow this."


class NotSignedIn(Refusal):
    status = 401
    code = "not_signed_in"
    message = "Sign in, or send a valid token."


class Invalid(Refusal):
    """Understood, but wrong; subclasses name what is wrong."""

    status = 422
    code = "invalid"
    message = "Something in this request is not right."


class BadRequest(Refusal):
    """Not understood at all."""

    status = 400
    code = "bad_request"
    message = "This request could not be read."


class InvalidJson(BadRequest):
    code = "invalid_json"
    message = "The body is not valid JSON."


class JsonTooDeep(BadRequest):
    code = "json_too_deep"
    message = "The JSON is nested deeper than 64 levels."


class DuplicateKey(BadRequest):
    code = "duplicate_key"
    message = "A key stands twice in one JSON object."


class InvalidText(BadRequest):
    code = "invalid_text"
    message = "A text holds characters that cannot be stored."


class UnknownField(BadRequest):
    code = "unknown_field"
    message = "The body has a field that is not known here."


class UnknownFilter(BadRequest):
    code = "unknown_filter"
    message = "This list cannot be filtered by that."


class InvalidPage(BadRequest):
    code = "invalid_page"
    message = "The limit must be 1 to 200, and the cursor one that this list gave."


class BodyCutOff(BadRequest):
    code = "body_cut_off"
    message = "The request ended before its body did. Send it again."


class BodyTooLarge(Refusal):
    status = 413
    code = "body_too_large"
    message = "The body is larger than 10 MB."


class InvalidMultipart(BadRequest):
    code = "invalid_multipart"
    message = "The multipart body could not be read, or was cut off."


class TooManyFiles(BodyTooLarge):
    code = "too_many_files"
    message = "One request takes at most 1,000 files. Send them in several, or as a zip."


class UnsupportedMediaType(Refusal):
    status = 415
    code = "unsupported_media_type"
    message = "Send application/json."


class PreconditionRequired(Refusal):
    status = 428
    code = "precondition_required"
    message = "Send If-Match with the ETag of what you have edited."


class PreconditionFailed(Refusal):
    status = 412
    code = "precondition_failed"
    message = "This has changed since you read it. Read it again, then decide."


class TransitionRefused(Refusal):
    code = "transition_refused"
    message = "This is no longer in the state that you saw."
