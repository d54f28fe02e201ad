package inbox

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
)

type conversationRow struct {
	bun.BaseModel `bun:"table:conversation"`
	ID            ConversationID      `bun:"id,pk"`
	CompanyID     team.CompanyID      `bun:"company_id"`
	ChannelID     network.ChannelID   `bun:"channel_id"`
	Key           string              `bun:"key"`
	IdentityID    audience.IdentityID `bun:"identity_id"`
	Private       bool                `bun:"private"`
	Kind          network.ItemKind    `bun:"kind"`
	State         State               `bun:"state"`
	AssigneeID    team.MemberID       `bun:"assignee_id"`
	Preview       string              `bun:"preview"`
	Incoming      int                 `bun:"incoming"`
	Outgoing      int                 `bun:"outgoing"`
	Notes         int                 `bun:"notes"`
	LastInAt      time.Time           `bun:"last_in_at"`
	LastOutAt     time.Time           `bun:"last_out_at,nullzero"`
	LastAt        time.Time           `bun:"last_at"`
	WaitingSince  time.Time           `bun:"waiting_since,nullzero"`
	DueAt         time.Time           `bun:"due_at,nullzero"`
	SnoozedUntil  time.Time           `bun:"snoozed_until,nullzero"`
	Pending       bool                `bun:"pending"`
	Trouble       bool                `bun:"trouble"`
	Revision      int                 `bun:"revision"`
	CreatedAt     time.Time           `bun:"created_at"`
	DoneAt        time.Time           `bun:"done_at,nullzero"`
	Criticism     bool                `bun:"criticism"`
	Doubt         bool                `bun:"doubt"`
	Question      bool                `bun:"question"`
	Praise        bool                `bun:"praise"`
	Urgency       int                 `bun:"urgency"`
	HurryAt       time.Time           `bun:"hurry_at,nullzero"`
	Judged        bool                `bun:"judged"`
	LastInID      InteractionID       `bun:"last_in_id"`
}

func (r conversationRow) conversation() Conversation {
	return Conversation{
		ID: r.ID, Company: r.CompanyID, Channel: r.ChannelID, Identity: r.IdentityID, Private: r.Private, Kind: r.Kind,
		State: r.State, Assignee: r.AssigneeID, Preview: r.Preview, Incoming: r.Incoming, Outgoing: r.Outgoing, Notes: r.Notes,
		LastInAt: clock.Trim(r.LastInAt), LastOutAt: clock.Trim(r.LastOutAt), LastAt: clock.Trim(r.LastAt),
		WaitingSince: clock.Trim(r.WaitingSince), DueAt: clock.Trim(r.DueAt), SnoozedUntil: clock.Trim(r.SnoozedUntil),
		Pending: r.Pending, Trouble: r.Trouble, Revision: r.Revision, CreatedAt: clock.Trim(r.CreatedAt), DoneAt: clock.Trim(r.DoneAt),
		Criticism: r.Criticism, Doubt: r.Doubt, Question: r.Question, Praise: r.Praise, Urgency: r.Urgency, HurryAt: clock.Trim(r.HurryAt),
		LastIn: r.LastInID,
	}
}

type interactionRow struct {
	bun.BaseModel  `bun:"table:interaction"`
	ID             InteractionID       `bun:"id,pk"`
	CompanyID      team.CompanyID      `bun:"company_id"`
	ChannelID      network.ChannelID   `bun:"channel_id"`
	RemoteID       string              `bun:"remote_id"`
	ConversationID ConversationID      `bun:"conversation_id"`
	IdentityID     audience.IdentityID `bun:"identity_id"`
	Kind           network.ItemKind    `bun:"kind"`
	Mine           bool                `bun:"mine"`
	MemberID       team.MemberID       `bun:"member_id"`
	ParentID       string              `bun:"parent_id"`
	RootID         string              `bun:"root_id"`
	Body           string              `bun:"body"`
	Warning        string              `bun:"warning"`
	Language       string              `bun:"language"`
	Visibility     network.Visibility  `bun:"visibility"`
	Media          []network.Media     `bun:"media,nullzero"`
	Mentions       []network.Author    `bun:"mentions,nullzero"`
	Stars          int                 `bun:"stars"`
	URL            string              `bun:"url"`
	Version        string              `bun:"version"`
	At             time.Time           `bun:"at"`
	EditedAt       time.Time           `bun:"edited_at,nullzero"`
	DeletedAt      time.Time           `bun:"deleted_at,nullzero"`
	Standing       network.Standing    `bun:"standing"`
}

func (r interactionRow) interaction() Interaction {
	return Interaction{
		ID: r.ID, Conversation: r.ConversationID, Channel: r.ChannelID, RemoteID: r.RemoteID, Identity: r.IdentityID,
		Kind: r.Kind, Mine: r.Mine, Member: r.MemberID, ParentID: r.ParentID, RootID: r.RootID, Text: r.Body,
		Warning: r.Warning, Language: r.Language, Visibility: r.Visibility, Media: r.Media, Mentions: r.Mentions,
		Stars: r.Stars, URL: r.URL, At: clock.Trim(r.At), EditedAt: clock.Trim(r.EditedAt), DeletedAt: clock.Trim(r.DeletedAt),
		Standing: r.Standing,
	}
}

type pastRow struct {
	bun.BaseModel `bun:"table:interaction_past"`
	ID            string          `bun:"id,pk"`
	CompanyID     team.CompanyID  `bun:"company_id"`
	InteractionID InteractionID   `bun:"interaction_id"`
	Body          string          `bun:"body"`
	Warning       string          `bun:"warning"`
	Media         []network.Media `bun:"media,nullzero"`
	Until         time.Time       `bun:"until"`
}
