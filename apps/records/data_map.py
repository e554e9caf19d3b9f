"""What every column of every table says of people; one without a tag fails the build (tests/records/test_data_map.py).

For each table the columns that say nothing of anybody, then after a bar those that do, each with its kind:

- `whose`: a person's id. It stays after an erasure and leads to nobody any more: a pseudonym.
- `own`: what a person is called, is reached by or proves themself with. Overwritten, or gone with its row.
- `text`: what people wrote to each other, and copies of it. A name or an address in it is replaced.
"""

from dataclasses import dataclass

WHOSE, OWN, TEXT = "whose", "own", "text"


@dataclass(frozen=True, slots=True)
class Table:
    """One table's columns."""

    none: frozenset[str]
    personal: dict[str, str]

    def of_kind(self, kind: str) -> list[str]:
        """The personal columns of one kind."""
        return [name for name, one in self.personal.items() if one == kind]


def _table(line: str) -> Table:
    none, _, personal = line.partition("|")
    pairs = (word.split(":") for word in personal.split())
    return Table(frozenset(none.split()), {name: kind for name, kind in pairs})  # noqa: C416 - pairs are lists


_TABLES = {
    # accounts
    "person": "id is_active created_at | name:own email:own password:own last_login:own",
    "organization": "id slug name timezone created_at",
    "membership": "id org_id role custom_role_id created_at deactivated_at | user_id:whose",
    "custom_role": "id org_id name base actions created_at",
    "team": "id org_id name created_at",
    "team_member": "id org_id team_id | membership_id:own",
    "invitation": "id org_id role custom_role_id digest created_at expires_at accepted_at revoked_at"
    " | email:own name:own invited_by_id:whose",
    "engagement": "id org_id vendor_id addressee project_id project_name state stages roles run_models names_shown"
    " starts_at ends_at created_at accepted_at ended_at",
    "token": "id organizations through created_at expires_at revoked_at last_used_at | user_id:own name:own digest:own",
    "session": "session_key expire_date through since seen | user_id:own session_data:own address:own agent:own",
    "single_sign_on": "id org_id name issuer client_id secret domains enforced created_at",
    "identity": "id org_id provider_id created_at | user_id:own subject:own",
    "mfa_authenticator": "id type created_at last_used_at | user_id:own data:own",
    # what is kept
    "audit_event": "id org_id worker_org_id project_id verb object_type object_id before after details request_id at"
    " | actor_id:whose",  # details hold ids and numbers, never names: the walk over all routes looks
    "audit_seal": "event_id org_id worker_org_id project_id seq previous hash sealed_at",
    "activity_event": "id org_id worker_org_id project_id stage_id task_id unit_id kind at payload schema xact"
    " | actor_id:whose",
    "feed": "id org_id project_id worker_org_id topic seq at | frame:text",
    "feed_head": "id org_id project_id topic seq",
    "idempotency_key": "id org_id method path key body_digest status media_type at | user_id:own answer:own",
    "erasure": "at swept_at | person_id:whose asked_by:whose former:own",
    "own_data": "id state bytes asked_at finished_at | user_id:own path:own",
    # jobs
    "job": "id org_id project_id worker_org_id kind input_hash state attempt max_attempts run_token heartbeat_at"
    " not_before queued_at started_at finished_at resends done total error_code created_at"
    " | input:text result:text error_message:text created_by:whose",
    "outbox": "id org_id project_id job_id actor row_id topic created_at not_before sent_at | payload:text",
    # projects
    "project": "id org_id name idle_seconds created_at deleted_at | description:text created_by:whose",
    "dataset": "id org_id project_id name created_at deleted_at",
    "item": "id org_id project_id dataset_id name media_type sha256 bytes width height group_id position metadata"
    " fingerprint revision created_at deleted_at",
    "upload": "id org_id project_id dataset_id job_id state created_at | created_by:whose",
    "upload_entry": "id org_id project_id upload_id item_id number name path member state error_code error_message",
    # recipes and pipelines
    "recipe": "id org_id project_id name created_at",
    "recipe_version": "id org_id project_id recipe_id number labels published_at"
    " | instructions:text published_by:whose",
    "label": "id org_id project_id recipe_id name created_at",
    "pipeline": "id org_id project_id name created_at",
    "pipeline_version": "id org_id project_id pipeline_id recipe_version_id number graph published_at"
    " | published_by:whose",
    "stage": "id org_id project_id pipeline_version_id key kind title position settings roles lease_seconds held_out"
    " unit edges overlap sample next_id rework_id",
    # models
    "model": "id org_id name created_at",
    "model_version": "id org_id model_id number architecture weights sha256 classes input_size licence state"
    " created_at",
    "deployment": "id org_id project_id model_version_id title version classes tile_size overlap floor state"
    " is_external created_at",
    "inference": "id org_id project_id deployment_id model_version_id item_id task_id parameters parameters_hash lane"
    " state attempt max_attempts run_token heartbeat_at queued_at started_at finished_at resends tiles_done"
    " tiles_total superseded_at error_code error_message | requested_by:whose",
    "inference_tile": "id org_id project_id inference_id number region shapes at",
    "prediction": "id org_id project_id inference_id item_id label_id model_version_id score type geometry x1 y1 x2 y2"
    " area superseded stands_for",
    # annotation
    "annotation": "id org_id project_id item_id unit_id label_id revision_id type geometry attributes x1 y1 x2 y2 area"
    " score source",
    "annotation_revision": "id org_id worker_org_id project_id item_id number document digest source at"
    " | author_id:whose",
    # lists
    "item_facet": "org_id project_id dataset_id term item_id",
    "stale_item": "id org_id project_id item_id",
    "saved_view": "id org_id worker_org_id project_id name filter shared created_at | author_id:whose",
    "subset": "id org_id project_id name created_at | created_by:whose",
    "subset_item": "id org_id project_id subset_id item_id",
    "bulk_act": "id org_id project_id job_id kind parameters selection changed at undone_at | author_id:whose",
    "prediction_run": "id org_id worker_org_id project_id deployment_id job_id selection state total done failed"
    " created_at finished_at | author_id:whose",
    "prediction_run_item": "id org_id project_id run_id item_id inference_id ended",
    # work
    "tally": "id org_id worker_org_id project_id pipeline_run_id stage_id state number folded",
    "pipeline_run": "id org_id project_id dataset_id pipeline_version_id recipe_version_id state priority due_at"
    " taken_to units_made moved_to started_at | started_by:whose",
    "unit": "id org_id project_id pipeline_run_id item_id parent_id kind region subject open_children open_slots"
    " worker_orgs state finished_at | workers:whose",
    "task": "id org_id worker_org_id project_id pipeline_run_id stage_id unit_id reviews_id kind round slot state arm"
    " priority due_at required_skill preferred_until postponed assigned_org_id comes_after lease_token lease_until"
    " claimed_at attempt error_code created_at ended_at | note:text skip_reason:text preferred_person:whose"
    " assigned_by:whose skipped_by:whose holder:whose",
    "skill_grant": "id org_id skill granted_at | user_id:whose granted_by:whose",
    # a picture's name and metadata wait in `sent` until it is an item, like an item's own
    "intake": "id org_id project_id dataset_id pipeline_run_id deployment_id item_id unit_id inference_id job_id"
    " external_id priority deadline met sent error_code error_message created_at | created_by:whose",
    "draft": "id org_id worker_org_id project_id task_id revision values rejected updated_at | author_id:whose",
    "draft_operation": "id org_id worker_org_id project_id draft_id op_id revision",
    "submission": "id org_id worker_org_id project_id task_id revision_id rejected at | author_id:whose",
    "verdict": "id org_id worker_org_id reviewer_org_id project_id task_id submission_id revision_id verdict reason at"
    " | comment:text author_id:whose",
    # talk
    "thread": "id org_id worker_org_id project_id item_id task_id unit_id state opened_at | opened_by:whose",
    "comment": "id org_id worker_org_id author_org_id project_id thread_id at"
    " | text:text author_id:whose mentions:whose",
    "notification": "id org_id worker_org_id recipient_org_id project_id kind page route at read_at"
    " | about:text text:text person_id:whose actor_id:whose",
    # figures
    "figure_mark": "id org_id xact at",
    "run_day": "id org_id project_id pipeline_run_id day made finished",
    "work_day": "id org_id worker_org_id project_id stage_id day active_ms claimed first_claims waited_ms submitted"
    " reworked skipped released done drawn accepted edited rejected | person:whose",
    "task_day": "id org_id worker_org_id project_id stage_id task_id day active_ms total_ms round held_out added"
    " changed"
    " removed accepted edited rejected drawn | person:whose",
    "suggestion_day": "id org_id worker_org_id project_id stage_id day label_id model_version_id band held_out accepted"
    " edited rejected missed | person:whose",
    "object_day": "id org_id worker_org_id project_id stage_id day label_id kept changed removed added returned"
    " | reviewer:whose author:whose",
    "verdict_day": "id org_id worker_org_id project_id stage_id day verdict reason is_first number"
    " | reviewer:whose author:whose",
    # out
    "export": "id org_id project_id job_id format path sha256 bytes items annotations created_at finished_at"
    " | created_by:whose",
    # Django's own
    "django_session": "session_key session_data expire_date",  # empty: ours is `session`
    "django_content_type": "id app_label model",
    "django_migrations": "id app name applied",
    "auth_group": "id name",
    "auth_permission": "id name content_type_id codename",
    "auth_group_permissions": "id group_id permission_id",
}
TABLES: dict[str, Table] = {name: _table(line) for name, line in _TABLES.items()}
