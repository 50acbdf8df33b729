from common.journal import declare

ARTICLE_CREATED = declare("article.created", "wrote the article", title="text", slug="text")
ARTICLE_CHANGED = declare("article.changed", "changed the article", changes="field -> {from, to}")
ARTICLE_PUBLISHED = declare("article.published", "published the article", slug="text")
ARTICLE_ARCHIVED = declare("article.archived", "took the article down", slug="text")
ARTICLE_SUBMITTED = declare("article.submitted", "asked for a review of the article", slug="text")
ARTICLE_REVIEWED = declare("article.reviewed", "reviewed the article", is_approved="true or false", note="text")
ARTICLE_SCHEDULED = declare("article.scheduled", "scheduled the article", slug="text", publish_at="instant")
