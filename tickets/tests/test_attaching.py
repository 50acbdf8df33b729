"""Files on tickets."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from common.errors import Invalid, NotAllowed
from tickets import services
from tickets.models import Attachment
from tickets.vocabulary import Channel


def file(name="app.log", content=b"all is well"):
    return SimpleUploadedFile(name, content)


def test_files_go_with_their_message(ticket, rita, agnes):
    services.post_customer_message(ticket, body="See.", by=rita, channel=Channel.WEB, files=[file()])
    services.add_internal_note(ticket, body="Hm.", by=agnes, files=[file("ours.log")])
    names = {a.name: a.is_internal for a in Attachment.objects.all()}
    assert names == {"app.log": False, "ours.log": True}
    assert [a.name for a in Attachment.objects.visible_to(rita)] == ["app.log"]
    assert Attachment.objects.visible_to(agnes).count() == 2


def test_the_path_says_nothing_of_the_file(ticket, rita):
    attachment = services.attach_file(ticket, file(), by=rita)
    assert "app" not in attachment.file.name
    assert attachment.uid.hex in attachment.file.name
    with attachment.file.open() as stored:
        assert stored.read() == b"all is well"


def test_a_refused_file_takes_the_message_with_it(ticket, rita):
    with pytest.raises(Invalid):
        services.post_customer_message(
            ticket, body="See.", by=rita, channel=Channel.WEB, files=[file(), file("x.exe", b"MZ..")]
        )
    assert ticket.messages.count() == 1
    assert not Attachment.objects.exists()


def test_too_many_files_are_refused(ticket, rita, settings):
    settings.PORTAL_ATTACHMENTS_PER_MESSAGE = 1
    with pytest.raises(Invalid) as refused:
        services.post_customer_message(
            ticket, body="See.", by=rita, channel=Channel.WEB, files=[file("a.txt"), file("b.txt")]
        )
    assert refused.value.code == "too_many_files"


def test_customers_have_no_internal_files(ticket, rita):
    with pytest.raises(NotAllowed):
        services.attach_file(ticket, file(), by=rita, is_internal=True)
