"""Addresses of this app: `pages` under /o/{org}/, `api` under /api/v1/orgs/{org}/."""

from django.urls import URLPattern, path

from .api import drafts, handing_out, intakes, items, moves, runs, samples, skills, tasks, trials, units
from .views import item, my_work, overview, pipeline, rules, sample, set_up, unit, work
from .views import moves as move_pages
from .views import skills as skill_pages
from .views.runs import run

pages: list[URLPattern] = [
    path("", my_work.my_work, name="my_work"),
    path("work/", my_work.claim, name="claim"),
    path("work/<uuid:task_id>", my_work.editor, name="editor"),
    path("projects/<uuid:project_id>/", overview.overview, name="overview"),
    path("projects/<uuid:project_id>/figures", overview.figures, name="figures"),
    path("projects/<uuid:project_id>/line", overview.line, name="line"),
    path("projects/<uuid:project_id>/pipeline/", pipeline.pipeline, name="pipeline"),
    path("projects/<uuid:project_id>/pipeline/rules/", rules.rules, name="rules"),
    path("projects/<uuid:project_id>/pipeline/runs/<uuid:run_id>", run, name="run"),
    path("projects/<uuid:project_id>/pipeline/runs/<uuid:run_id>/moves", move_pages.moves, name="moves"),
    path("projects/<uuid:project_id>/work/", work.board, name="floor"),
    path("projects/<uuid:project_id>/work/assignments", work.assignments_of_stage, name="assignments"),
    path(
        "projects/<uuid:project_id>/work/stages/<uuid:stage_id>/redistributions",
        work.redistributions,
        name="redistributions",
    ),
    path("projects/<uuid:project_id>/work/tasks/<uuid:task_id>/holder", work.holder, name="holder"),
    path("projects/<uuid:project_id>/work/tasks/<uuid:task_id>/decision", work.decision, name="decision"),
    path("members/<uuid:membership_id>/skills", skill_pages.member_skills, name="skills"),
    path("projects/sample", sample.make_sample, name="sample"),
    path("projects/<uuid:project_id>/set-up/", set_up.set_up, name="set_up"),
    path("projects/<uuid:project_id>/set-up/pictures", set_up.pictures, name="set_up_pictures"),
    path("projects/<uuid:project_id>/set-up/labels", set_up.labels, name="set_up_labels"),
    path("projects/<uuid:project_id>/set-up/line", set_up.line, name="set_up_line"),
    path("projects/<uuid:project_id>/set-up/start", set_up.start, name="set_up_start"),
    path("projects/<uuid:project_id>/items/<uuid:item_id>/", item.item_page, name="item"),
    path("projects/<uuid:project_id>/units/<uuid:unit_id>/", unit.unit, name="unit"),
]
api: list[URLPattern] = [
    path("projects/<uuid:project_id>/claims", tasks.Claims.as_view()),
    path("projects/<uuid:project_id>/pipeline_runs", runs.Runs.as_view()),
    path("sample_projects", samples.SampleProjects.as_view()),
    path("pipeline_runs/<uuid:run_id>", runs.OneRun.as_view()),
    path("pipeline_runs/<uuid:run_id>/moves", moves.RunMoves.as_view()),
    path("projects/<uuid:project_id>/unit_moves", moves.UnitMoves.as_view()),
    path("units/<uuid:unit_id>/log", units.UnitLog.as_view()),
    path("tasks", tasks.Tasks.as_view()),
    path("tasks/<uuid:task_id>", tasks.OneTask.as_view()),
    path("tasks/<uuid:task_id>/lease", tasks.TaskLease.as_view()),
    path("tasks/<uuid:task_id>/draft", drafts.TaskDraft.as_view()),
    path("tasks/<uuid:task_id>/submission", tasks.TaskSubmission.as_view()),
    path("tasks/<uuid:task_id>/skip", tasks.TaskSkip.as_view()),
    path("tasks/<uuid:task_id>/holder", handing_out.TaskHolder.as_view()),
    path("tasks/<uuid:task_id>/decision", handing_out.TaskDecision.as_view()),
    path("projects/<uuid:project_id>/assignments", handing_out.Assignments.as_view()),
    path("projects/<uuid:project_id>/unassignments", handing_out.Unassignments.as_view()),
    path("projects/<uuid:project_id>/urgency", handing_out.Urgency.as_view()),
    path("stages/<uuid:stage_id>/redistributions", handing_out.Redistributions.as_view()),
    path("members/<uuid:membership_id>/skills", skills.MemberSkills.as_view()),
    path("tasks/<uuid:task_id>/pulses", tasks.TaskPulses.as_view()),
    path("tasks/<uuid:task_id>/assist", tasks.TaskAssist.as_view()),
    path("pipelines/<uuid:pipeline_id>/try_rules", trials.Trials.as_view()),
    path("datasets/<uuid:dataset_id>/intake", intakes.Intakes.as_view()),
    path("intakes/<uuid:intake_id>", intakes.OneIntake.as_view()),
    path("items/<uuid:item_id>/annotations", items.ItemAnnotations.as_view()),
    path("items/<uuid:item_id>/predictions", items.ItemPredictions.as_view()),
]
