"""The schema, made from what each operation states. Bodies are msgspec structs; their schemas come from msgspec."""

import re
from typing import Any

import msgspec
from drf_spectacular.openapi import AutoSchema

from .http import Operation

REF = "#/components/schemas/{name}"
ERRORS = {
    400: "Not understood: the body, a filter or a page.",
    401: "Not signed in.",
    403: "Known, but not for this role.",
    404: "Unknown, or somebody else's.",
    405: "Not this method.",
    409: "Not as things stand.",
    413: "The body is too large.",
    415: "Not JSON.",
    422: "Understood, but wrong.",
    429: "Tried too often: see Retry-After.",
    503: "Try again in a moment.",
}
CONDITIONAL_ERRORS = {412: "Changed since it was read.", 428: "If-Match is missing."}

_stated: dict[str, Any] = {}


class OperationSchema(AutoSchema):
    """Reads an operation's statement instead of serializers."""

    def operation_stated(self) -> Operation | None:
        """The statement of the handler being described."""
        handler = getattr(self.view, self.method.lower(), None)
        return getattr(handler, "operation", None)

    def get_summary(self) -> str | None:
        """One line."""
        stated = self.operation_stated()
        return stated.summary if stated else None

    def get_operation_id(self) -> str:
        """`post_projects_claims` and the like, from the path without its parameters."""
        name = "_".join([self.method.lower(), *(re.sub(r"\W", "_", word) for word in self._nouns())])
        return name + ("_one" if self.path.rstrip("/").endswith("}") else "")

    def get_tags(self) -> list[str]:
        """The first noun after the organization."""
        return self._nouns()[:1]

    def _nouns(self) -> list[str]:
        path = re.sub(r"^/api/v1/(orgs/\{org\}/)?", "", self.path)
        return [word for word in path.split("/") if word and not word.startswith("{")]

    def get_auth(self) -> list[dict[str, list[str]]]:
        """A personal token, or the session's cookie."""
        return [{"token": []}, {"session": []}]

    def get_request_serializer(self) -> None:
        """None: bodies are structs."""

    def get_response_serializers(self) -> None:
        """None: answers are structs."""

    def _is_list_view(self, serializer: Any = None) -> bool:
        return False  # our lists are stated as structs, too

    def get_override_parameters(self) -> list[Any]:
        """Query parameters, from the query's struct."""
        stated = self.operation_stated()
        if stated is None or stated.query is None:
            return []
        properties = msgspec.json.schema(stated.query)["$defs"][stated.query.__name__]["properties"]
        return [_parameter(name, schema) for name, schema in properties.items()]

    def _get_request_body(self, direction: str = "request") -> dict[str, Any] | None:
        stated = self.operation_stated()
        if stated is None or (stated.body is None and not stated.multipart):
            return None
        if stated.multipart:
            files = {"type": "array", "items": {"type": "string", "format": "binary"}}
            return {"content": {"multipart/form-data": {"schema": {"type": "object", "properties": {"files": files}}}}}
        return {"content": {"application/json": {"schema": _reference(stated.body)}}, "required": True}

    def _get_response_bodies(self, direction: str = "response") -> dict[str, Any]:
        stated = self.operation_stated()
        answers = dict(stated.answers) if stated else {200: None}
        described = {str(code): _answer(body) for code, body in answers.items()}
        errors = ERRORS | CONDITIONAL_ERRORS if stated and stated.conditional else ERRORS
        for code, sentence in errors.items():
            if code not in answers:
                described[str(code)] = {"description": sentence, **_content({"$ref": REF.format(name="Error")})}
        return described


def _parameter(name: str, schema: dict[str, Any]) -> Any:
    from drf_spectacular.utils import OpenApiParameter  # noqa: PLC0415 - it loads DRF's serializers

    return OpenApiParameter(name=name, location="query", required=False, type=schema)


def _answer(body: Any) -> dict[str, Any]:
    if body is None:
        return {"description": "Done."}
    if isinstance(body, str):
        return {"description": "The file.", "content": {body: {"schema": {"type": "string", "format": "binary"}}}}
    return {"description": "Done.", **_content(_reference(body))}


def _content(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def _reference(body: Any) -> dict[str, Any]:
    (schema,), components = msgspec.json.schema_components([body], ref_template=REF)
    for name, described in components.items():
        if _stated.setdefault(name, described) != described:
            raise ValueError(f"Two structs of the API are called {name}.")
    return schema


def add_components(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Post-processing: add the structs that operations named, and the error."""
    error = {
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": {
                "type": "object",
                "required": ["code", "message", "field", "details", "request_id"],
                "properties": {
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                    "field": {"type": ["string", "null"]},
                    "details": {"type": ["object", "null"]},
                    "request_id": {"type": "string"},
                },
            }
        },
    }
    components = result.setdefault("components", {})
    components.setdefault("schemas", {}).update({**_stated, "Error": error})
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": "sessionid"},
    }
    return result
