from django import forms


class AppPasswordForm(forms.Form):
    """What an application password is for; the room says what will do."""

    name = forms.CharField(required=False, label="Program or device", widget=forms.TextInput)


class OwnAppPasswordForm(AppPasswordForm):
    """As above, from whoever knows the present password."""

    old = forms.CharField(required=False, strip=False, label="Present password", widget=forms.PasswordInput)
