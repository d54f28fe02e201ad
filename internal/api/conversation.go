package api

import (
	"context"
	"net/http"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
)

// Conversation is interactions that belong together.
type Conversation struct {
	ID       string     `json:"id" example:"cnv_01kjpzx2p0000000000000000g" doc:"Identifier."`
	Channel  string     `json:"channel" example:"chn_01kjpzx2p0000000000000000f" doc:"The channel it came in on."`
	From     *Identity  `json:"from,omitempty" doc:"Who started it outside."`
	Private  bool       `json:"private" doc:"Only the people named can read it."`
	Kind     string     `json:"kind" example:"mention" doc:"What began it: mention, reply, message, comment, review, quote."`
	State    string     `json:"state" enum:"open,waiting,snoozed,done" example:"open" doc:"open: they wait for us; waiting: we wait for them; snoozed: put aside; done: settled."`
	Assignee string     `json:"assignee,omitempty" example:"mbr_01kjpzx2p0000000000000000b" doc:"The member in charge; absent: nobody."`
	Preview  string     `json:"preview" example:"Do you ship to Austria?" doc:"The last thing they wrote, cut."`
	Incoming int        `json:"incoming" example:"2" doc:"How many things they wrote."`
	Outgoing int        `json:"outgoing" example:"1" doc:"How many things we wrote."`
	Notes    int        `json:"notes" example:"0" doc:"How many notes the team wrote."`
	Labels   []Label    `json:"labels" nullable:"false" doc:"Its labels."`
	LastIn   *time.Time `json:"last_in_at,omitempty" example:"2026-03-02T09:00:00Z" doc:"When they last wrote."`
	LastOut  *time.Time `json:"last_out_at,omitempty" example:"2026-03-02T09:10:00Z" doc:"When we last wrote; absent: never."`
	Waiting  *time.Time `json:"waiting_since,omitempty" example:"2026-03-02T09:00:00Z" doc:"Since when they wait; absent: nobody waits."`
	Due      *time.Time `json:"due_at,omitempty" example:"2026-03-03T09:00:00Z" doc:"Until when the company wants to have answered."`
	Late     bool       `json:"late" doc:"That moment has passed."`
	Snoozed  *time.Time `json:"snoozed_until,omitempty" example:"2026-03-05T08:00:00Z" doc:"When it comes back by itself."`
	Pending  bool       `json:"pending" doc:"A reply waits for a second person."`
	Trouble  bool       `json:"trouble" doc:"A reply did not get out, or nobody knows whether it did."`
	Revision int        `json:"revision" example:"3" doc:"Grows with each change of what they or we wrote; give it as seen when you answer."`
	Created  time.Time  `json:"created_at" example:"2026-03-02T09:00:00Z" doc:"When it began here."`
	Done     *time.Time `json:"done_at,omitempty" example:"2026-03-02T10:00:00Z" doc:"When it was settled."`
}

// Identity is one account of a person outside.
type Identity struct {
	ID      string `json:"id" example:"idn_01kjpzx2p0000000000000000h" doc:"Identifier."`
	Person  string `json:"person" example:"per_01kjpzx2p0000000000000000i" doc:"The person it belongs to."`
	Network string `json:"network" example:"mastodon" doc:"Kind of network."`
	Handle  string `json:"handle" example:"ada@example.org" doc:"As it is written there."`
	Name    string `json:"name,omitempty" example:"Ada" doc:"The account's own name."`
	URL     string `json:"url,omitempty" example:"https://example.org/@ada" doc:"Where a browser shows it."`
	Avatar  string `json:"avatar_url,omitempty" example:"https://example.org/ada.png" doc:"Its picture."`
	Bot     bool   `json:"bot" doc:"It says that it is a program."`
}

func identityOf(i audience.Identity) Identity {
	return Identity{
		ID: string(i.ID), Person: string(i.Person), Network: string(i.Network), Handle: i.Handle, Name: i.Name, URL: i.URL, Avatar: i.AvatarURL, Bot: i.Bot,
	}
}

func identityIn(known map[audience.IdentityID]audience.Identity, id audience.IdentityID) *Identity {
	i, ok := known[id]
	if !ok {
		return nil
	}
	out := identityOf(i)
	return &out
}

func (a *API) conversationOf(c inbox.Conversation, known map[audience.IdentityID]audience.Identity, labels []inbox.Label) Conversation {
	return Conversation{
		ID: string(c.ID), Channel: string(c.Channel), From: identityIn(known, c.Identity), Private: c.Private, Kind: string(c.Kind), State: string(c.State),
		Assignee: string(c.Assignee), Preview: c.Preview, Incoming: c.Incoming, Outgoing: c.Outgoing, Notes: c.Notes, Labels: each(labels, labelOf),
		LastIn: when(c.LastInAt), LastOut: when(c.LastOutAt), Waiting: when(c.WaitingSince), Due: when(c.DueAt), Late: c.Late(a.rooms.Clock.Now()),
		Snoozed: when(c.SnoozedUntil), Pending: c.Pending, Trouble: c.Trouble, Revision: c.Revision, Created: c.CreatedAt.UTC(), Done: when(c.DoneAt),
	}
}

// conversationPage is a page of conversations.
type conversationPage struct {
	Page[Conversation]
	Capped bool `json:"capped" doc:"A search found more than it shows: use more words."`
}

// Thread is a conversation with everything that belongs to it.
type Thread struct {
	Conversation Conversation  `json:"conversation" doc:"The conversation."`
	About        *Interaction  `json:"about,omitempty" doc:"Our own post that it hangs on."`
	Interactions []Interaction `json:"interactions" nullable:"false" doc:"What they and we wrote, oldest first."`
	Notes        []Note        `json:"notes" nullable:"false" doc:"What the team wrote among itself, oldest first."`
	Replies      []Reply       `json:"replies" nullable:"false" doc:"Answers that do not stand on the network: pending, rejected, on their way, failed."`
	Draft        *Draft        `json:"draft,omitempty" doc:"What the token's member is writing."`
	Writing      []string      `json:"writing" nullable:"false" example:"[\"mbr_01kjpzx2p0000000000000000b\"]" doc:"Other members who write an answer right now."`
	Room         Room          `json:"room" doc:"How much room an answer has."`
}

// Room is how much room an answer has.
type Room struct {
	Prefix string `json:"prefix" example:"@ada@example.org " doc:"What Ponte puts in front by the network's custom; it counts."`
	Used   int    `json:"used" example:"17" doc:"What the prefix alone uses, in the network's own count."`
	Max    int    `json:"max" example:"500" doc:"What the network allows, in its own count."`
}

// Interaction is anything a person, or we ourselves, wrote.
type Interaction struct {
	ID         string       `json:"id" example:"int_01kjpzx2p0000000000000000j" doc:"Identifier."`
	Remote     string       `json:"remote_id" example:"110000000000000001" doc:"The network's own identifier."`
	From       *Identity    `json:"from,omitempty" doc:"Who wrote it; absent when it is ours."`
	Kind       string       `json:"kind" example:"reply" doc:"What it is: post, reply, mention, message, comment, review, quote, like, share, follow."`
	Mine       bool         `json:"mine" doc:"Written by the channel's own account."`
	Member     string       `json:"member,omitempty" example:"mbr_01kjpzx2p0000000000000000b" doc:"Who of us wrote it, when it went through Ponte."`
	Parent     string       `json:"parent_id,omitempty" example:"110000000000000000" doc:"The network's identifier of what it answers."`
	Text       string       `json:"text" example:"Do you ship to Austria?" doc:"Plain text."`
	Warning    string       `json:"warning,omitempty" example:"politics" doc:"Content warning."`
	Language   string       `json:"language,omitempty" example:"en" doc:"Language, as the network told."`
	Visibility string       `json:"visibility,omitempty" example:"public" doc:"Who may read it: public, unlisted, followers, direct."`
	Media      []RemoteFile `json:"media" nullable:"false" doc:"Files it carries, on the network's server."`
	Stars      int          `json:"stars,omitempty" example:"4" doc:"1 to 5, of reviews."`
	URL        string       `json:"url,omitempty" example:"https://example.org/@ada/1" doc:"Where a browser shows it."`
	At         time.Time    `json:"at" example:"2026-03-02T09:00:00Z" doc:"When it was written."`
	Edited     *time.Time   `json:"edited_at,omitempty" example:"2026-03-02T09:05:00Z" doc:"When it was last edited."`
	Deleted    *time.Time   `json:"deleted_at,omitempty" example:"2026-03-02T09:06:00Z" doc:"When it was taken back on the network."`
	Standing   string       `json:"standing,omitempty" enum:"approved,held,spam,trash" example:"held" doc:"What became of a comment on a place where the company has the say; absent elsewhere."`
	Verdict    *Verdict     `json:"verdict,omitempty" doc:"What it was judged to be; absent for what is ours."`
	Past       []Past       `json:"past" nullable:"false" doc:"Earlier texts, oldest first."`
}

// RemoteFile is a file on a network's server.
type RemoteFile struct {
	Kind    string `json:"kind" enum:"image,video,audio,other" example:"image" doc:"What sort of file."`
	URL     string `json:"url" example:"https://example.org/cup.jpg" doc:"Where it lies."`
	Preview string `json:"preview_url,omitempty" example:"https://example.org/cup-small.jpg" doc:"A smaller one."`
	Alt     string `json:"alt,omitempty" example:"A cup with a crack" doc:"What it shows."`
	Width   int    `json:"width,omitempty" example:"1200" doc:"Pixels."`
	Height  int    `json:"height,omitempty" example:"900" doc:"Pixels."`
}

// Past is an earlier text of an edited interaction.
type Past struct {
	Text    string    `json:"text" example:"Do you shp to Austria?" doc:"The text."`
	Warning string    `json:"warning,omitempty" example:"politics" doc:"Its content warning."`
	Until   time.Time `json:"until" example:"2026-03-02T09:05:00Z" doc:"When it was replaced."`
}

// Note is what a member wrote for the team only.
type Note struct {
	ID       string    `json:"id" example:"not_01kjpzx2p0000000000000000k" doc:"Identifier."`
	Member   string    `json:"member,omitempty" example:"mbr_01kjpzx2p0000000000000000b" doc:"Who wrote it."`
	Text     string    `json:"text" example:"Call the courier, @giulia" doc:"The note."`
	Mentions []string  `json:"mentions" nullable:"false" example:"[\"mbr_01kjpzx2p0000000000000000b\"]" doc:"Members it names."`
	At       time.Time `json:"at" example:"2026-03-02T09:00:00Z" doc:"When."`
}

// Draft is an answer being written.
type Draft struct {
	Text    string       `json:"text" example:"Yes, we do" doc:"The text so far."`
	Media   []Attachment `json:"media" nullable:"false" doc:"Files to attach."`
	Updated time.Time    `json:"updated_at" example:"2026-03-02T09:00:00Z" doc:"When it was last kept."`
}

func interactionOf(known map[audience.IdentityID]audience.Identity) func(inbox.Interaction) Interaction {
	return func(i inbox.Interaction) Interaction {
		return Interaction{
			ID: string(i.ID), Remote: i.RemoteID, From: identityIn(known, i.Identity), Kind: string(i.Kind), Mine: i.Mine, Member: string(i.Member),
			Parent: i.ParentID, Text: i.Text, Warning: i.Warning, Language: i.Language, Visibility: string(i.Visibility), Media: each(i.Media, remoteFileOf),
			Stars: i.Stars, URL: i.URL, At: i.At.UTC(), Edited: when(i.EditedAt), Deleted: when(i.DeletedAt), Standing: string(i.Standing),
			Past: each(i.Past, func(p inbox.Past) Past { return Past{Text: p.Text, Warning: p.Warning, Until: p.Until.UTC()} }),
		}
	}
}

func remoteFileOf(m network.Media) RemoteFile {
	return RemoteFile{Kind: string(m.Kind), URL: m.URL, Preview: m.PreviewURL, Alt: m.Alt, Width: m.Width, Height: m.Height}
}

func noteOf(n inbox.Note) Note {
	return Note{ID: n.ID, Member: string(n.Member), Text: n.Text, Mentions: strs(n.Mentions), At: n.At.UTC()}
}

func (a *API) threadOf(t inbox.Thread) (Thread, error) {
	room, err := a.rooms.Inbox.RoomFor(t)
	if err != nil {
		return Thread{}, err
	}
	plain := interactionOf(t.Identities)
	convert := func(i inbox.Interaction) Interaction {
		out := plain(i)
		out.Verdict = verdictOf(t.Verdicts[i.ID], i.Text)
		return out
	}
	out := Thread{
		Conversation: a.conversationOf(t.Conversation, t.Identities, t.Labels), Interactions: each(t.Interactions, convert), Notes: each(t.Notes, noteOf),
		Replies: each(t.Replies, func(r inbox.Reply) Reply {
			d, ok := t.Deliveries[r.Delivery]
			if !ok {
				return replyOf(r, nil)
			}
			return replyOf(r, &d)
		}),
		Writing: strs(t.Writing), Room: Room{Prefix: room.Prefix, Used: room.Empty.Used, Max: room.Limits.Characters},
	}
	if t.About != nil {
		about := convert(*t.About)
		out.About = &about
	}
	if !t.Draft.UpdatedAt.IsZero() {
		out.Draft = &Draft{Text: t.Draft.Text, Media: each(t.Draft.Media, attachmentOf), Updated: t.Draft.UpdatedAt.UTC()}
	}
	return out, nil
}

// ConversationPath says which one.
type ConversationPath struct {
	Conversation string `path:"conversation" example:"cnv_01kjpzx2p0000000000000000g" doc:"The conversation's identifier."`
}

func (p ConversationPath) id() inbox.ConversationID { return inbox.ConversationID(p.Conversation) }

// open answers with a conversation as it stands now.
func (a *API) open(ctx context.Context, c *caller, id inbox.ConversationID) (*output[Thread], error) {
	t, err := a.rooms.Inbox.Open(ctx, c.actor, id)
	if err != nil {
		return nil, err
	}
	out, err := a.threadOf(t)
	if err != nil {
		return nil, err
	}
	return answer(out), nil
}

// Counts say how many conversations stand in each view.
type Counts struct {
	Views    map[string]int `json:"views" example:"{\"todo\":3,\"late\":1}" doc:"Conversations in each view; 1001 means more than 1000."`
	Channels map[string]int `json:"channels" example:"{\"chn_01kjpzx2p0000000000000000f\":3}" doc:"Conversations in the view todo, on each channel."`
}

func (a *API) conversationOperations() {
	add(a, operation{
		id: "list-conversations", method: http.MethodGet, path: "/conversations", tag: tagConversations, needs: team.InboxRead,
		summary: "List conversations",
		description: "A view of the conversations. todo, unassigned and late show first who is due first, the others the latest first. " +
			"With q the newest matches come first, without accents and capitals, and without further pages.",
	}, func(ctx context.Context, c *caller, in *struct {
		Paging
		View    string `query:"view" enum:"todo,mine,unassigned,late,approve,trouble,waiting,snoozed,done,all,criticism,doubt,question,praise" default:"todo" doc:"Which conversations."`
		Channel string `query:"channel" example:"chn_01kjpzx2p0000000000000000f" doc:"Only on this channel."`
		Label   string `query:"label" example:"lab_01kjpzx2p0000000000000000l" doc:"Only with this label (its identifier)."`
		Person  string `query:"person" example:"per_01kjpzx2p0000000000000000i" doc:"Only with this person."`
		Query   string `query:"q" maxLength:"200" example:"austria" doc:"Full text."`
	},
	) (*output[conversationPage], error) {
		l, err := a.rooms.Inbox.List(ctx, c.actor, inbox.Filter{
			View: inbox.View(in.View), Channel: network.ChannelID(in.Channel), Label: in.Label, Person: audience.PersonID(in.Person), Query: in.Query,
			Cursor: in.Cursor, Limit: in.Limit,
		})
		if err != nil {
			return nil, err
		}
		return answer(conversationPage{Page: Page[Conversation]{Next: l.Next, Items: each(l.Conversations, func(v inbox.Conversation) Conversation {
			return a.conversationOf(v, l.Identities, l.Labels[v.ID])
		})}, Capped: l.Capped}), nil
	})
	add(a, operation{
		id: "count-conversations", method: http.MethodGet, path: "/counts", tag: tagConversations, needs: team.InboxRead,
		summary: "Count conversations", description: "How many conversations stand in each view for the token's member. Counting stops at 1000.",
	}, func(ctx context.Context, c *caller, _ *nothing) (*output[Counts], error) {
		n, err := a.rooms.Inbox.Counts(ctx, c.actor)
		if err != nil {
			return nil, err
		}
		out := Counts{Views: map[string]int{}, Channels: map[string]int{}}
		for k, v := range n.Views {
			out.Views[string(k)] = v
		}
		for k, v := range n.Channels {
			out.Channels[string(k)] = v
		}
		return answer(out), nil
	})
	add(a, operation{
		id: "get-conversation", method: http.MethodGet, path: "/conversations/{conversation}", tag: tagConversations, needs: team.InboxRead,
		summary: "Get a conversation", description: "A conversation with everything that belongs to it.",
	}, func(ctx context.Context, c *caller, in *ConversationPath) (*output[Thread], error) {
		return a.open(ctx, c, in.id())
	})
	add(a, operation{
		id: "refresh-conversation", method: http.MethodPost, path: "/conversations/{conversation}/refresh", tag: tagConversations, needs: team.InboxRead, calls: true,
		summary: "Read a conversation again", description: "Reads it again where it stands on the network: edits, deletions, and what others wrote around it.",
	}, func(ctx context.Context, c *caller, in *ConversationPath) (*nothing, error) {
		return nil, a.rooms.Inbox.Look(ctx, c.actor, in.id())
	})
	a.organiseOperations()
}

// Assignment says who is in charge.
type Assignment struct {
	Member string `json:"member" example:"mbr_01kjpzx2p0000000000000000b" doc:"The member in charge; empty: nobody."`
}

// Snooze says until when.
type Snooze struct {
	Until time.Time `json:"until" example:"2026-03-05T08:00:00Z" doc:"When it comes back by itself; up to a year ahead. It also comes back when they write."`
}

// NewNote is a note to write.
type NewNote struct {
	Text string `json:"text" example:"Call the courier, @giulia" doc:"1 to 4000 characters. @ and a first name tells that member."`
}

// NewLabel is a label to put on.
type NewLabel struct {
	Label string `json:"label" example:"shipping" doc:"The word, up to 40 characters; a new one becomes a new label."`
}

// Mention is a note that names the token's member.
type Mention struct {
	Conversation string `json:"conversation" example:"cnv_01kjpzx2p0000000000000000g" doc:"Where it stands."`
	Note         Note   `json:"note" doc:"The note."`
}

// DraftIn is an answer being written.
type DraftIn struct {
	Text  string       `json:"text" example:"Yes, we do" doc:"The text so far; an empty draft is forgotten."`
	Media []Attachment `json:"media,omitempty" nullable:"false" maxItems:"20" doc:"Files to attach."`
}

func (a *API) organiseOperations() {
	x := a.rooms.Inbox
	base := operation{method: http.MethodPost, tag: tagConversations, needs: team.InboxOrganise}
	o := func(id, path, summary, description string) operation {
		out := base
		out.id, out.path, out.summary, out.description = id, "/conversations/{conversation}/"+path, summary, description
		return out
	}
	add(a, o("assign", "assign", "Put someone in charge", "Puts a member in charge, or nobody."),
		func(ctx context.Context, c *caller, in *struct {
			ConversationPath
			Body Assignment
		},
		) (*nothing, error) {
			return nil, x.Assign(ctx, c.actor, in.id(), team.MemberID(in.Body.Member))
		})
	add(a, o("snooze", "snooze", "Put a conversation aside", "Until a moment, or until they write."),
		func(ctx context.Context, c *caller, in *struct {
			ConversationPath
			Body Snooze
		},
		) (*nothing, error) {
			return nil, x.Snooze(ctx, c.actor, in.id(), in.Body.Until.UTC())
		})
	add(a, o("finish", "done", "Settle a conversation", "Nobody waits any more, answered or not."),
		func(ctx context.Context, c *caller, in *ConversationPath) (*nothing, error) {
			return nil, x.Finish(ctx, c.actor, in.id())
		})
	add(a, o("reopen", "reopen", "Take a conversation up again", "Who was waiting before waits again."),
		func(ctx context.Context, c *caller, in *ConversationPath) (*nothing, error) {
			return nil, x.Reopen(ctx, c.actor, in.id())
		})
	note := o("add-note", "notes", "Write a note", "For the team only.")
	note.status = http.StatusCreated
	add(a, note, func(ctx context.Context, c *caller, in *struct {
		ConversationPath
		Body NewNote
	},
	) (*output[Note], error) {
		n, err := x.AddNote(ctx, c.actor, in.id(), in.Body.Text)
		if err != nil {
			return nil, err
		}
		return answer(noteOf(n)), nil
	})
	label := o("add-label", "labels", "Put a label on", "Puts a label on a conversation.")
	label.status = http.StatusCreated
	add(a, label, func(ctx context.Context, c *caller, in *struct {
		ConversationPath
		Body NewLabel
	},
	) (*output[Label], error) {
		l, err := x.AddLabel(ctx, c.actor, in.id(), in.Body.Label)
		if err != nil {
			return nil, err
		}
		return answer(labelOf(l)), nil
	})
	off := o("remove-label", "labels/{label}", "Take a label off", "Takes a label off a conversation; when it is not on it, nothing happens.")
	off.method = http.MethodDelete
	add(a, off, func(ctx context.Context, c *caller, in *struct {
		ConversationPath
		Label string `path:"label" example:"lab_01kjpzx2p0000000000000000l" doc:"The label's identifier."`
	},
	) (*nothing, error) {
		return nil, x.RemoveLabel(ctx, c.actor, in.id(), in.Label)
	})
	draft := o("save-draft", "draft", "Keep a draft", "Keeps what the token's member is writing. Each member has one for each conversation.")
	draft.method, draft.needs = http.MethodPut, team.InboxReply
	add(a, draft, func(ctx context.Context, c *caller, in *struct {
		ConversationPath
		Body DraftIn
	},
	) (*nothing, error) {
		files, err := a.attachments(ctx, c, in.Body.Media)
		if err != nil {
			return nil, err
		}
		return nil, x.SaveDraft(ctx, c.actor, in.id(), inbox.Draft{Text: in.Body.Text, Media: files})
	})
	seen := o("see-mentions", "mentions/seen", "Mark mentions as seen", "Marks the notes of a conversation that name the token's member as seen.")
	seen.needs = team.InboxRead
	add(a, seen, func(ctx context.Context, c *caller, in *ConversationPath) (*nothing, error) {
		return nil, x.SeeMentions(ctx, c.actor, in.id())
	})
	add(a, operation{
		id: "list-mentions", method: http.MethodGet, path: "/mentions", tag: tagConversations, needs: team.InboxRead,
		summary: "List mentions", description: "Notes that name the token's member and that they have not seen, newest first, at most 20.",
	}, func(ctx context.Context, c *caller, _ *nothing) (*output[list[Mention]], error) {
		ms, err := x.Mentions(ctx, c.actor)
		if err != nil {
			return nil, err
		}
		return answer(list[Mention]{Items: each(ms, func(m inbox.Mention) Mention {
			return Mention{Conversation: string(m.Conversation), Note: noteOf(m.Note)}
		})}), nil
	})
}

// attachmentOf converts a file to attach.
func attachmentOf(m delivery.Attachment) Attachment { return Attachment{Media: m.MediaID, Alt: m.Alt} }
