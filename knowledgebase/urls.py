from django.urls import URLPattern, URLResolver, path

from knowledgebase import feeds, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("help", views.kb_home, name="kb-home"),
    path("help/search", views.kb_search, name="kb-search"),
    path("help/suggest", views.kb_suggest, name="kb-suggest"),
    path("help/feed.xml", feeds.feed, name="kb-feed"),
    path("help/files/<uuid:uid>/<str:name>", views.kb_file, name="kb-file"),
    path("help/topics/<slug:slug>", views.kb_category, name="kb-category"),
    path("help/<slug:slug>", views.kb_article, name="kb-article"),
    path("help/<slug:slug>/vote", views.kb_vote, name="kb-vote"),
    path("help/<slug:slug>/reason", views.kb_reason, name="kb-reason"),
    path("privacy", views.privacy, name="privacy"),
    path("accessibility", views.accessibility, name="accessibility"),
    path("sitemap.xml", feeds.sitemap, name="sitemap"),
    path("robots.txt", views.robots, name="robots"),
    path("favicon.ico", views.favicon, name="favicon"),
]
