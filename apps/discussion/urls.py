"""Addresses of this app: `pages` under /o/{org}/, `api` under /api/v1/orgs/{org}/."""

from django.urls import URLPattern, path

from .api import notifications, threads
from .views import inbox, questions

pages: list[URLPattern] = [
    path("projects/<uuid:project_id>/questions/", questions.questions, name="questions"),
    path("projects/<uuid:project_id>/questions/<uuid:thread_id>", questions.thread, name="thread"),
    path("tasks/<uuid:task_id>/thread", questions.task_thread, name="task_thread"),
    path("threads/<uuid:thread_id>/state", questions.thread_state, name="thread_state"),
    path("notifications/", inbox.notifications, name="notifications"),
    path("notifications/menu", inbox.menu, name="menu"),
    path("notifications/<uuid:notification_id>", inbox.notification, name="notification"),
]
api: list[URLPattern] = [
    path("tasks/<uuid:task_id>/thread", threads.TaskThread.as_view()),
    path("tasks/<uuid:task_id>/comments", threads.TaskComments.as_view()),
    path("tasks/<uuid:task_id>/readers", threads.TaskReaders.as_view()),
    path("projects/<uuid:project_id>/threads", threads.ProjectThreads.as_view()),
    path("threads/<uuid:thread_id>", threads.OneThread.as_view()),
    path("threads/<uuid:thread_id>/readers", threads.ThreadReaders.as_view()),
    path("threads/<uuid:thread_id>/comments", threads.ThreadComments.as_view()),
    path("threads/<uuid:thread_id>/resolution", threads.ThreadResolution.as_view()),
    path("notifications", notifications.Notifications.as_view()),
    path("inbox/reading", notifications.NotificationReading.as_view()),
    path("notifications/<uuid:notification_id>/reading", notifications.OneNotificationReading.as_view()),
]
