"""All models of the one Django app: Django finds here what the rooms define."""

from oxherd.accounts.models import Administrator, CustomRole, Membership, SignInPolicy
from oxherd.administrators.models import ActingFor, Invitation
from oxherd.adoption.models import Adoption
from oxherd.app_passwords.models import AppPassword
from oxherd.aps.models import ApsConsumer, ApsEnrolment, ApsEntry, ApsInstance, ApsNonce, ApsResource
from oxherd.audit.models import AuditChain, AuditEntry, AuditSeal, AuditUnsealed
from oxherd.brands.models import Brand, Inquiry, Logo, Upsell
from oxherd.dkim.models import DkimKey
from oxherd.domains.models import Address, Domain
from oxherd.drift.models import Comparison, Difference, Eviction, RepairOrder
from oxherd.forwarders.models import Forwarder, Recipient
from oxherd.groups.models import DraftMember, Group, GroupDraft, Member, OutsideMember
from oxherd.people.models import OxAccount, Photo, ProfileUse, Rollout, ServiceUser, UserDraft
from oxherd.profiles.models import Profile
from oxherd.provisioning.models import PlatformHealth, SyncJob
from oxherd.purchases.models import PurchaseRequest
from oxherd.resources.models import Resource
from oxherd.signin.models import Letter, OneTimeLink
from oxherd.single_sign_on.models import GroupRole, Identity, IdentityProvider, MailDomain, SpentAssertion
from oxherd.subscriptions.models import CustomerDraft
from oxherd.tenants.models import Seats, Tenant

__all__ = [
    "ActingFor",
    "Address",
    "Administrator",
    "Adoption",
    "AppPassword",
    "ApsConsumer",
    "ApsEnrolment",
    "ApsEntry",
    "ApsInstance",
    "ApsNonce",
    "ApsResource",
    "AuditChain",
    "AuditEntry",
    "AuditSeal",
    "AuditUnsealed",
    "Brand",
    "Comparison",
    "CustomRole",
    "CustomerDraft",
    "Difference",
    "DkimKey",
    "Domain",
    "DraftMember",
    "Eviction",
    "Forwarder",
    "Group",
    "GroupDraft",
    "GroupRole",
    "Identity",
    "IdentityProvider",
    "Inquiry",
    "Invitation",
    "Letter",
    "Logo",
    "MailDomain",
    "Member",
    "Membership",
    "OneTimeLink",
    "OutsideMember",
    "OxAccount",
    "Photo",
    "PlatformHealth",
    "Profile",
    "ProfileUse",
    "PurchaseRequest",
    "Recipient",
    "RepairOrder",
    "Resource",
    "Rollout",
    "Seats",
    "ServiceUser",
    "SignInPolicy",
    "SpentAssertion",
    "SyncJob",
    "Tenant",
    "Upsell",
    "UserDraft",
]
