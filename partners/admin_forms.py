"""What staff fill in to look after organisations."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminFileWidget
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.forms import ImageField
from partners import membership
from partners.models import Membership, Organization, User


class OrganizationForm(forms.ModelForm):
    logo = ImageField(label=_("Logo"), required=False, widget=AdminFileWidget)

    class Meta:
        model = Organization
        fields = "__all__"  # noqa: DJ007 - the admin's fieldsets name what is shown


class MembersFormSet(BaseInlineFormSet):
    """The members of an organisation: changed by the same functions as everywhere, in an order that they allow."""

    by: User

    def clean(self) -> None:
        """An organisation that has a lead keeps one. Locked, so that two pages saved at once agree."""
        super().clean()
        if not self.instance.pk or any(self.errors):
            return
        Organization.objects.without_search_columns().select_for_update().get(pk=self.instance.pk)
        kept = [f.cleaned_data for f in self.forms if f.cleaned_data and not f.cleaned_data.get("DELETE")]
        stays = any(row["role"] == Membership.Role.LEAD and row["user"].is_active for row in kept)
        if not stays and self.instance.memberships.leads().exists():
            raise ValidationError(_("Il faut une personne responsable : nommez-en une autre d'abord."))

    def save(self, commit: bool = True) -> list[Any]:
        """Who comes or rises first, then who steps back or leaves: the last lead is never gone in between."""
        self.new_objects: list[Any] = []
        self.changed_objects: list[Any] = []
        self.deleted_objects: list[Any] = []
        rows = [f for f in self.forms if f.has_changed() and f.cleaned_data]
        gone = [f for f in rows if f.cleaned_data.get("DELETE") and f.instance.pk]
        kept = [f for f in rows if not f.cleaned_data.get("DELETE")]
        at = timezone.now()
        for form in sorted(kept, key=lambda f: f.cleaned_data["role"] != Membership.Role.LEAD):
            self._keep(form, at)
        for form in gone:
            self.deleted_objects.append(form.instance)
            membership.remove(membership=form.instance, by=self.by, at=at)
        return self.new_objects

    def _keep(self, form: Any, at: Any) -> None:
        role = form.cleaned_data["role"]
        if form.instance.pk is None:
            added = membership.add(
                organization=self.instance, user=form.cleaned_data["user"], role=role, by=self.by, at=at
            )
            self.new_objects.append(added)
            return
        stored = Membership.objects.select_related("organization").get(pk=form.instance.pk)
        membership.change_role(membership=stored, role=role, by=self.by, at=at)
        self.changed_objects.append((stored, form.changed_data))


class RefusalForm(forms.Form):
    reason = forms.CharField(
        label=_("Motif"),
        max_length=1000,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("Envoyé tel quel à la personne qui a proposé la modification."),
    )
