"""The steps of the form, each at its own address. They work by their buttons alone; a script saves in between."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from core import writing
from core.parking import ParkingLot
from core.uploads import address_of
from core.workflow import NotAMove, Refused, Stale
from projects.models import Registration
from projects.registrations import editing, history, reading, workflow
from projects.registrations.calls import call_of
from projects.registrations.completeness import MOST_ROWS, STEPS, Problem, Step, problems
from projects.registrations.forms import FORMS, Offer, StepForm, row_numbers
from projects.registrations.reading import LABELS
from projects.registrations.views import keep_being_read

#: The folder of pictures that are not public yet; `csam.media` says who reads it.
PICTURES = "registrations"
BY_KEY = {step.key: step for step in STEPS if step.names}

parking = ParkingLot("registrations")


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@never_cache
def step(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Not behind the usual guard: what was typed before the session ended is kept until its writer is back."""
    if key not in BY_KEY:
        raise Http404
    if not request.user.is_authenticated:
        return writing.sign_in_first(request, parking, pk, key)
    registration = writable(request, pk)
    if registration is None:
        return _closed(request, pk)
    if request.method == "POST":
        return _posted(request, registration, BY_KEY[key])
    typed = parking.parked(request, pk, key)
    if typed is not None:
        return _restored(request, registration, BY_KEY[key], typed)
    return _shown(request, registration, BY_KEY[key])


def writable(request: HttpRequest, pk: int) -> Registration | None:
    """The registration, where this person may write in it as it is; a stranger's answers 404."""
    visible = Registration.objects.visible_to(request.user).with_names()
    registration = get_object_or_404(visible, pk=pk)
    keep_being_read(request, registration)
    return registration if "save" in workflow.FLOW.actions(registration, request.user) else None


def _closed(request: HttpRequest, pk: int) -> HttpResponse:
    told = _("Cette inscription ne se modifie pas en ce moment.")
    return writing.closed(request, told, reverse("registrations:detail", args=(pk,)))


# Showing ----------------------------------------------------------------------------------------------------


def _shown(request: HttpRequest, registration: Registration, step: Step) -> HttpResponse:
    offer = Offer(registration, registration.content)
    form_class = FORMS[step.key]
    blanks = [name for name in form_class.tables if request.GET.get("ajouter") == name]
    form = form_class(form_class.data_of(offer.content, offer), offer=offer, blanks=blanks)
    found = _problems(registration)
    asked = "verifier" in request.GET or registration.state == Registration.State.CHANGES_REQUESTED
    told = found if asked else editing.worth_telling(registration.content, found)
    form.tell(problem for problem in told if problem.step == step)
    return _page(request, registration, step, form, found=found)


def _restored(request: HttpRequest, registration: Registration, step: Step, typed: QueryDict) -> HttpResponse:
    """What was typed before signing in again, to be saved; the marks it carries tell whether somebody wrote since."""
    offer = Offer(registration, registration.content)
    form = FORMS[step.key](typed, offer=offer)
    return _page(request, registration, step, form, mark=typed.get("seen", ""), is_restored=True)


def _page(
    request: HttpRequest,
    registration: Registration,
    step: Step,
    form: StepForm,
    *,
    found: list[Problem] | None = None,
    mark: str | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    found = _problems(registration) if found is None else found
    states = editing.states(registration.content, found)
    before, after = editing.neighbours(step)
    context = {
        **frame(registration, states, step.key),
        "step": step,
        "number": STEPS.index(step) + 1,
        "form": form,
        "errors": _errors(form),
        "is_first": before is None,
        "next": after,
        "directory": form.offer.directory.offered if "partners" in form.tables else [],
        "most_rows": MOST_ROWS,
        "seen": editing.seen(registration.content, step) if mark is None else mark,
        "keeper": parking.keeper(request.user),
        "writer": parking.writer_mark(request.user, registration.pk),
        "asked": _asked(registration, step),
        "conflict": None,
        "is_restored": False,
        **more,
    }
    return render(request, "registrations/step.html", context, status=status)


def frame(registration: Registration, states: list[editing.StepState], key: str) -> dict[str, Any]:
    """What every page of the form prints around its step."""
    now = timezone.now()
    call = call_of(registration.plan, at=now, organization=registration.organization)
    return {
        "registration": registration,
        "trail": [
            (_("Mon espace"), reverse("partners:space")),
            (str(registration), registration.get_absolute_url()),
        ],
        "states": states,
        "current": key,
        "count": sum(state.is_complete for state in states),
        "total": len(states),
        "step_count": len(STEPS),
        "call": call,
        "days_left": call.days_left(at=now),
    }


def _problems(registration: Registration) -> list[Problem]:
    return problems(registration.content, plan=registration.plan, organization=registration.organization)


def _errors(form: StepForm) -> list[tuple[str, str]]:
    """Every error with the id of its field, for the summary at the top."""
    rows = [row for rows in form.rows.values() for row in rows if not row.is_blank]
    return [
        ("" if name == "__all__" else part[name].id_for_label or part[name].auto_id, str(message))
        for part in [form, *rows]
        for name, messages_of in part.errors.items()
        for message in messages_of
    ]


def _asked(registration: Registration, step: Step) -> dict[str, Any] | None:
    """What the council asked for, with the fields of this step that it points at."""
    asked = history.asked(registration)
    return asked and {**asked, "fields": [LABELS[name] for name in asked["fields"] if name in step.names]}


# Saving -----------------------------------------------------------------------------------------------------


def _posted(request: HttpRequest, registration: Registration, step: Step) -> HttpResponse:
    do, _colon, about = request.POST.get("do", "save").partition(":")
    offer = Offer(registration, registration.content)
    data = _changed(request.POST, do, about, offer)
    if do == "take":
        return _taken(request, registration, step, data, about)
    form = FORMS[step.key](data, files=request.FILES, offer=offer)
    values = form.values() | _picture(registration, form, do)
    mark = request.POST.get("seen", "")
    try:
        registration = editing.save(
            registration=registration, step=step, values=values, mark=mark, by=request.user, at=timezone.now()
        )
    except Stale as stale:
        return _stale(request, stale.row, step, form)
    except NotAMove:
        return _moved_on(request, registration, step, form)
    except Refused as refused:
        return writing.closed(request, str(refused), registration.get_absolute_url())
    parking.forget(request)
    if writing.is_autosave(request):
        return _told(request, registration, step, form, took_file=bool(values.get("image")))
    if not form.is_valid():
        return _page(request, _named(registration), step, form, status=422)
    return _gone_on(request, registration, step, do, about)


def _picture(registration: Registration, form: StepForm, do: str) -> dict[str, str]:
    """The picture that was sent, kept where only those read it who may read the registration; or none any more."""
    if "image_file" not in form.fields:
        return {}
    sent = form.cleaned_data.get("image_file")
    if sent:
        return {"image": default_storage.save(f"{PICTURES}/{registration.pk}/{sent.name}", sent)}
    return {"image": ""} if do == "drop" else {}


def _changed(sent: QueryDict, do: str, about: str, offer: Offer) -> QueryDict:
    """What was sent, with a row taken away or an organisation chosen for one."""
    if do not in ("remove", "choose"):
        return sent
    data = sent.copy()
    if do == "remove":
        for key in [key for key in data if key.startswith(f"{about}-")]:
            del data[key]
    else:
        prefix, _colon, slug = about.partition(":")
        chosen = next((o for o in offer.directory.organizations if o.slug == slug), None)
        if chosen is not None:
            data[f"{prefix}-name"] = chosen.name_with_acronym
    return data


def _gone_on(
    request: HttpRequest, registration: Registration, step: Step, do: str, about: str
) -> HttpResponseRedirect:
    before, after = editing.neighbours(step)
    here = reverse("registrations:step", args=(registration.pk, step.key))
    if do == "add" and about in FORMS[step.key].tables:
        last = len(registration.content[about])
        return HttpResponseRedirect(f"{here}?ajouter={about}#{about}-{last}")
    if do in ("remove", "choose"):
        return HttpResponseRedirect(f"{here}#{about.split('-')[0]}")
    messages.success(request, _("Enregistré."))
    if do == "leave":
        return HttpResponseRedirect(registration.get_absolute_url())
    target = {"next": after, "previous": before}.get(do)
    if target is None:
        return HttpResponseRedirect(f"{here}?verifier=1")
    return HttpResponseRedirect(reverse("registrations:step", args=(registration.pk, target.key)))


def _told(
    request: HttpRequest, registration: Registration, step: Step, form: StepForm, *, took_file: bool
) -> JsonResponse:
    """To the script: the new mark, the hour to tell, the picture that was taken. Refused values are left to the
    button.
    """
    picture = {"picture": address_of(str(registration.content["image"]))} if took_file else {"picture": ""}
    states = editing.states(registration.content, _problems(registration))
    return JsonResponse(
        {
            "seen": editing.seen(registration.content, step),
            "saved": writing.saved_at(registration.saved_at),
            "title": str(registration),
            "complete": sum(state.is_complete for state in states),
            "refused": [message for _field, message in _errors(form)],
            "took_file": took_file,
            "picture": render_to_string("registrations/_picture.html", picture, request) if took_file else "",
        }
    )


def _stale(request: HttpRequest, present: Registration, step: Step, form: StepForm) -> HttpResponse:
    """Both texts side by side; what was typed stays in the form, and saving again keeps it."""
    present = _named(present)
    conflict = _conflict(present, form)
    seen = editing.seen(present.content, step)
    if writing.is_autosave(request):
        html = render_to_string("registrations/_conflict.html", {"conflict": conflict}, request)
        return JsonResponse({"problem": "stale", "seen": seen, "html": html}, status=409)
    return _page(request, present, step, form, mark=seen, status=409, conflict=conflict)


def _conflict(present: Registration, form: StepForm) -> dict[str, Any]:
    return {
        "fields": editing.conflicts(present.content, form.values()),
        "writer": editing.last_writer(present),
    }


def _taken(
    request: HttpRequest, registration: Registration, step: Step, typed: Mapping[str, Any], name: str
) -> HttpResponse:
    """The stored text of one field in the place of the typed one; nothing is saved yet."""
    offer = Offer(registration, registration.content)
    form_class = FORMS[step.key]
    stored = form_class.data_of(registration.content, offer)
    data = request.POST.copy()
    for number in row_numbers(data, name):
        for key in [key for key in data if key.startswith(f"{name}-{number}-")]:
            del data[key]
    data.pop(name, None)
    for key, value in stored.items():
        if key == name or key.startswith(f"{name}-"):
            data.setlist(key, [str(v) for v in value] if isinstance(value, list) else [_sent(value)])
    form = form_class(data, offer=offer)
    conflict = _conflict(registration, form)
    mark = editing.seen(registration.content, step)
    return _page(
        request, registration, step, form, mark=mark, conflict=conflict if conflict["fields"] else None
    )


def _sent(value: Any) -> str:
    return "" if value in (None, False) else "on" if value is True else str(value)


def _moved_on(request: HttpRequest, registration: Registration, step: Step, form: StepForm) -> HttpResponse:
    """Somebody submitted or withdrew it in the meantime: what was typed is shown, to be copied."""
    present = _named(registration)
    if writing.is_autosave(request):
        return writing.closed_to_scripts()
    context = {
        **frame(present, [], step.key),
        "step": step,
        "lost": editing.conflicts(present.content, form.values()),
    }
    return render(request, "registrations/moved_on.html", context, status=409)


def _named(registration: Registration) -> Registration:
    return Registration.objects.with_names().get(pk=registration.pk)


# Checking and submitting ------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def review(request: HttpRequest, pk: int) -> HttpResponse:
    registration = writable(request, pk)
    if registration is None:
        present = get_object_or_404(Registration.objects.visible_to(request.user), pk=pk)
        return writing.handed_in_before(request, present, told=_("Votre inscription est soumise."))
    if request.method == "POST":
        return writing.handed_in(
            request,
            registration,
            submit=partial(workflow.submit, registration=registration),
            page=partial(_reviewed_again, request),
            told=_("Votre inscription est soumise. Un accusé de réception vous est envoyé par courriel."),
        )
    return _review_page(request, registration)


def _reviewed_again(request: HttpRequest, row: Registration, **said: Any) -> HttpResponse:
    return _review_page(request, _named(row), **said)


def _review_page(
    request: HttpRequest, registration: Registration, *, is_refused: bool = False, status: int = 200
) -> HttpResponse:
    found = _problems(registration)
    states = editing.states(registration.content, found)
    lines = {step.key: lines for step, lines in reading.by_step(registration.content)}
    context = {
        **frame(registration, states, "verification"),
        "number": len(STEPS),
        "problems": found,
        "is_refused": is_refused,
        "read": [(state, lines.get(state.step.key, []), _of(found, state.step)) for state in states],
        "token": registration.submission_token,
        "asked": _asked(registration, STEPS[-1]),
    }
    return render(request, "registrations/review.html", context, status=status)


def _of(found: list[Problem], step: Step) -> list[Problem]:
    return [problem for problem in found if problem.step == step]
