from django import forms

from oxherd.errors import Refused
from oxherd.purchases import rules


class RejectForm(forms.Form):
    reason = forms.CharField(required=False, label="Reason", widget=forms.Textarea(attrs={"rows": 3}))

    def clean_reason(self) -> str:
        try:
            return rules.reason(self.cleaned_data["reason"])
        except Refused as refused:
            raise forms.ValidationError(refused.sentence) from refused
