package team

import (
	"context"
	"slices"

	"github.com/ponte-desk/ponte/internal/fault"
)

// CompanyID names a company.
type CompanyID string

// MemberID names a member of a company.
type MemberID string

// Role is what a member does in the company. It is stored in the database.
type Role string

// The roles, named after what people do.
const (
	Owner       Role = "owner"       // doubts, decides, reads one page a week
	Community   Role = "community"   // lives in the inbox, opens cases
	Marketing   Role = "marketing"   // campaigns, links, leads, results
	Editor      Role = "editor"      // writes and adapts, minds the site
	Contributor Role = "contributor" // owns an improvement, answers one question
	Guest       Role = "guest"       // looks, approves where asked
)

// Roles lists all roles from the one that may most.
var Roles = []Role{Owner, Community, Marketing, Editor, Contributor, Guest}

// ParseRole turns outside text into a role.
func ParseRole(s string) (Role, error) {
	if slices.Contains(Roles, Role(s)) {
		return Role(s), nil
	}
	return "", fault.New(fault.Invalid, "team.role.unknown").With("role", s)
}

// Permission is something a role may do. It is also the scope of an API token. It is stored in the database.
type Permission string

// The permissions, each named room.verb.
const (
	CompanyRead     Permission = "company.read"
	CompanyChange   Permission = "company.change"
	MembersRead     Permission = "members.read"
	MembersManage   Permission = "members.manage"
	AuditRead       Permission = "audit.read"
	ChannelsRead    Permission = "channels.read"
	ChannelsManage  Permission = "channels.manage"
	InboxRead       Permission = "inbox.read"     // all conversations
	InboxOrganise   Permission = "inbox.organise" // assign, label, snooze, note, done
	InboxReply      Permission = "inbox.reply"    // write replies; approval may still be asked
	InboxApprove    Permission = "inbox.approve"  // approve replies of others
	SavedRepliesUse Permission = "replies.use"    // read saved replies
	SavedReplies    Permission = "replies.manage" // change saved replies and labels
	PeopleRead      Permission = "people.read"    // people, identities, history
	PeopleManage    Permission = "people.manage"  // notes, merge and its undo
	PeopleErase     Permission = "people.erase"   // export and erase a person
	GrowthRead      Permission = "growth.read"    // all cases, promises and improvements
	GrowthManage    Permission = "growth.manage"  // decide what is criticism, open cases and take them on
	GrowthPublish   Permission = "growth.publish" // publish improvements, decline cases, post the record's head
	PostsRead       Permission = "posts.read"     // all posts, the calendar and what they brought
	PostsWrite      Permission = "posts.write"    // write posts and ask for a yes
	PostsApprove    Permission = "posts.approve"  // say yes to posts of others
	PostsPublish    Permission = "posts.publish"  // plan, send, pause, change and take down
	PostsManage     Permission = "posts.manage"   // settings, templates, signatures, tags
	LeadsRead       Permission = "leads.read"     // leads, with what brought them and what became of them
	LeadsManage     Permission = "leads.manage"   // write leads down, change them, take them along as a table
	FormsManage     Permission = "forms.manage"   // make forms, and rules about what a good lead is
	LinksRead       Permission = "links.read"     // tracked links and their visits
	LinksManage     Permission = "links.manage"   // make and change links, and how they look
	ResultsRead     Permission = "results.read"   // what goes in and what comes out, without anybody's hours
	CostsManage     Permission = "costs.manage"   // write down what was spent
	TimeRead        Permission = "time.read"      // the hours of all together, and what they cost
)

// Permissions lists every permission; an owner has them all.
var Permissions = []Permission{
	CompanyRead, CompanyChange, MembersRead, MembersManage, AuditRead, ChannelsRead, ChannelsManage,
	InboxRead, InboxOrganise, InboxReply, InboxApprove, SavedRepliesUse, SavedReplies, PeopleRead, PeopleManage, PeopleErase,
	GrowthRead, GrowthManage, GrowthPublish, PostsRead, PostsWrite, PostsApprove, PostsPublish, PostsManage,
	LeadsRead, LeadsManage, FormsManage,
	LinksRead, LinksManage, ResultsRead, CostsManage, TimeRead,
}

// grants says what each role may do.
var grants = map[Role][]Permission{
	Owner: Permissions,
	Community: {
		CompanyRead, MembersRead, ChannelsRead, InboxRead, InboxOrganise, InboxReply, InboxApprove,
		SavedRepliesUse, SavedReplies, PeopleRead, PeopleManage, PeopleErase, GrowthRead, GrowthManage, GrowthPublish,
		PostsRead, PostsWrite, PostsApprove, PostsPublish, LeadsRead, LeadsManage, LinksRead, LinksManage, ResultsRead,
	},
	Marketing: {
		CompanyRead, MembersRead, ChannelsRead, ChannelsManage, InboxRead, InboxOrganise, InboxReply, SavedRepliesUse, PeopleRead, GrowthRead,
		PostsRead, PostsWrite, PostsApprove, PostsPublish, PostsManage, LeadsRead, LeadsManage, FormsManage, LinksRead, LinksManage, ResultsRead, CostsManage,
	},
	Editor: {
		CompanyRead, MembersRead, ChannelsRead, InboxRead, InboxOrganise, InboxReply, SavedRepliesUse, SavedReplies, PeopleRead, GrowthRead, GrowthManage,
		PostsRead, PostsWrite, PostsPublish, LeadsRead, FormsManage, LinksRead, LinksManage, ResultsRead,
	},
	Contributor: {CompanyRead, MembersRead},
	Guest:       {CompanyRead, MembersRead, ChannelsRead, InboxRead, PeopleRead, GrowthRead, PostsRead, LeadsRead, LinksRead, ResultsRead},
}

// Can tells whether a role has a permission.
func (r Role) Can(p Permission) bool { return slices.Contains(grants[r], p) }

// ofOwn are the permissions that no role needs for what is a member's own: the cases, tasks and promises that are theirs. As the scopes
// of a token they let a program work on these, and on no others where the role does not have them.
var ofOwn = []Permission{GrowthRead, GrowthManage}

// CanOwn tells whether a role has a permission for what is a member's own.
func (r Role) CanOwn(p Permission) bool {
	return r.Can(p) || slices.Contains(Roles, r) && slices.Contains(ofOwn, p)
}

// ParsePermission turns outside text into a permission.
func ParsePermission(s string) (Permission, error) {
	if slices.Contains(Permissions, Permission(s)) {
		return Permission(s), nil
	}
	return "", fault.New(fault.Invalid, "team.scope.unknown").With("scope", s)
}

// Via is how an actor came in. It is stored in the audit trail.
type Via string

// The ways in.
const (
	ViaScreen  Via = "screen"
	ViaAPI     Via = "api"
	ViaCommand Via = "command" // the command line of the machine
	ViaSystem  Via = "system"  // Ponte itself, in a job
)

// Actor is who does something: a member through a door, or Ponte itself. Every use case takes one and decides by it.
type Actor struct {
	Company   CompanyID
	Member    MemberID // "" for the command line and for Ponte itself
	Role      Role
	Name      string       // for messages; never decides anything
	Scopes    []Permission // of an API token; nil: no narrowing
	Via       Via
	RequestID string
}

// System is Ponte itself at work for a company; it may do everything.
func System(c CompanyID) Actor { return Actor{Company: c, Role: Owner, Via: ViaSystem} }

// Command is the person at the command line of the machine; they may do everything.
func Command(c CompanyID) Actor { return Actor{Company: c, Role: Owner, Via: ViaCommand} }

// Self is nil when the actor is a member in person, and Denied for a token, for the command line and for Ponte
// itself: what people decide for themselves is theirs alone.
func (a Actor) Self() error {
	if a.Company == "" || a.Member == "" || a.Scopes != nil {
		return fault.New(fault.Denied, "team.denied.self")
	}
	return nil
}

// Can tells whether the actor may do something.
func (a Actor) Can(p Permission) bool {
	return a.Company != "" && a.Role.Can(p) && (a.Scopes == nil || slices.Contains(a.Scopes, p))
}

// May is nil when the actor may do something, and Denied when not.
func (a Actor) May(p Permission) error {
	if a.Can(p) {
		return nil
	}
	if a.Role.Can(p) {
		return fault.New(fault.Denied, "team.denied.scope").With("scope", string(p))
	}
	return fault.New(fault.Denied, "team.denied").With("permission", string(p))
}

// Own tells whether the actor acts for a member in what is that member's own: the member in person, or a token of theirs with the
// scope. The command line and Ponte itself own nothing.
func (a Actor) Own(p Permission) bool {
	return a.Company != "" && a.Member != "" && a.Role.CanOwn(p) && (a.Scopes == nil || slices.Contains(a.Scopes, p))
}

// MayOwn is nil when the actor acts for a member in what is that member's own, and Denied when not.
func (a Actor) MayOwn(p Permission) error {
	switch {
	case a.Own(p):
		return nil
	case a.Company != "" && a.Member != "" && a.Role.CanOwn(p):
		return fault.New(fault.Denied, "team.denied.scope").With("scope", string(p))
	}
	return a.May(p)
}

type actorKey struct{}

// WithActor puts the actor of a request into its context, for doors only: use cases take theirs explicitly.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorOf gives the actor that a door put into the context.
func ActorOf(ctx context.Context) (Actor, bool) {
	a, ok := ctx.Value(actorKey{}).(Actor)
	return a, ok
}
