"""The access table's actions in words, for the page of custom roles; in the groups in which it shows them."""

from django.utils.translation import gettext_lazy as _

WORDS = (
    (
        _("Organization"),
        {
            "member.list": _("See people and teams"),
            "member.invite": _("Invite people"),
            "member.edit": _("Change roles, take access away"),
            "member.erase": _("Erase people"),
            "custom_role.list": _("See custom roles"),
            "custom_role.edit": _("Make and change custom roles"),
            "team.edit": _("Make and change teams"),
            "team.see": _("See what the team does today"),
            "organization.see": _("See the organization's settings"),
            "organization.edit": _("Change the organization's settings"),
            "engagement.list": _("See what is shared with whom"),
            "engagement.offer": _("Offer projects to vendors"),
            "engagement.edit": _("Change what is shared"),
            "engagement.accept": _("Accept what customers offer"),
            "engagement.end": _("End engagements"),
            "audit.see": _("See the audit"),
        },
    ),
    (
        _("Projects"),
        {
            "project.create": _("Make projects"),
            "project.edit": _("Change projects"),
            "project.delete": _("Delete projects"),
            "dataset.create": _("Make datasets"),
            "dataset.edit": _("Change datasets"),
            "item.see": _("See pictures"),
            "item.edit": _("Change and delete pictures"),
            "upload.create": _("Upload pictures"),
            "upload.see": _("See uploads"),
            "saved_view.see": _("Use saved views"),
            "saved_view.edit": _("Save views"),
            "recipe.see": _("See recipes"),
            "recipe.publish": _("Publish recipes"),
            "pipeline.see": _("See pipelines"),
            "pipeline.publish": _("Publish pipelines"),
            "pipeline.run": _("Start, pause and cancel runs"),
        },
    ),
    (
        _("Work"),
        {
            "task.claim": _("Take tasks"),
            "task.see": _("See tasks"),
            "task.work": _("Label"),
            "task.assist": _("Ask models while labeling"),
            "annotation.see": _("See annotations"),
            "review.see": _("See what waits for review"),
            "review.decide": _("Accept, fix and return"),
            "thread.see": _("Read questions"),
            "thread.write": _("Ask and answer"),
            "figures.own": _("See one's own figures"),
        },
    ),
    (
        _("Models"),
        {
            "model.see": _("See models"),
            "model.deploy": _("Deploy models"),
            "deployment.see": _("See deployments"),
            "prediction.see": _("See predictions"),
            "prediction_run.create": _("Run models over pictures"),
        },
    ),
    (
        _("Results"),
        {
            "quality.see": _("See quality"),
            "performance.see": _("See performance"),
            "export.create": _("Make exports"),
            "export.see": _("Download exports"),
            "job.see": _("See jobs"),
            "job.cancel": _("Cancel jobs"),
        },
    ),
)
