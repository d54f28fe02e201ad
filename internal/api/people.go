package api

import (
	"context"
	"net/http"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/team"
)

// Person is someone outside.
type Person struct {
	ID         string     `json:"id" example:"per_01kjpzx2p0000000000000000i" doc:"Identifier."`
	Name       string     `json:"name" example:"Ada Rossi" doc:"Name."`
	Named      bool       `json:"named" doc:"A member wrote the name; networks no longer change it."`
	Created    time.Time  `json:"created_at" example:"2026-03-02T09:00:00Z" doc:"Since when they are known."`
	Seen       *time.Time `json:"seen_at,omitempty" example:"2026-03-02T09:00:00Z" doc:"When something of theirs last came in."`
	Identities []Identity `json:"identities" nullable:"false" doc:"Their accounts on networks."`
}

func personOf(p audience.Person) Person {
	return Person{
		ID: string(p.ID), Name: p.Name, Named: p.Named, Created: p.CreatedAt.UTC(), Seen: when(p.SeenAt), Identities: each(p.Identities, identityOf),
	}
}

// PersonCard is a person with what the team knows.
type PersonCard struct {
	Person
	Notes  []PersonNote `json:"notes" nullable:"false" doc:"What the team wrote about them, oldest first."`
	Merges []Merge      `json:"merges" nullable:"false" doc:"People who were joined into them and can be parted again, newest first."`
}

// PersonNote is what a member wrote about a person, for the team only.
type PersonNote struct {
	ID     string    `json:"id" example:"pnt_01kjpzx2p0000000000000000r" doc:"Identifier."`
	Member string    `json:"member,omitempty" example:"mbr_01kjpzx2p0000000000000000b" doc:"Who wrote it."`
	Body   string    `json:"body" example:"Has a shop in Graz" doc:"The note."`
	At     time.Time `json:"at" example:"2026-03-02T09:00:00Z" doc:"When."`
}

func personNoteOf(n audience.Note) PersonNote {
	return PersonNote{ID: n.ID, Member: string(n.Member), Body: n.Body, At: n.At.UTC()}
}

// Merge is the joining of two people by a member.
type Merge struct {
	ID     string    `json:"id" example:"mrg_01kjpzx2p0000000000000000s" doc:"Identifier."`
	Kept   string    `json:"kept" example:"per_01kjpzx2p0000000000000000i" doc:"The person who stayed."`
	Gone   string    `json:"gone_name" example:"ada.rossi" doc:"The name of who was joined into them."`
	Member string    `json:"member,omitempty" example:"mbr_01kjpzx2p0000000000000000b" doc:"Who joined them."`
	At     time.Time `json:"at" example:"2026-03-02T09:00:00Z" doc:"When."`
}

// PersonChange is what of a person is to be changed.
type PersonChange struct {
	Name string `json:"name" example:"Ada Rossi" doc:"Up to 120 characters; empty goes back to the name of their first account."`
}

// NewPersonNote is a note to write.
type NewPersonNote struct {
	Body string `json:"body" example:"Has a shop in Graz" doc:"1 to 4000 characters."`
}

// Joining says who is the same person.
type Joining struct {
	Gone string `json:"gone" example:"per_01kjpzx2p0000000000000000t" doc:"The person who is joined into the other and is no more; accounts and notes move."`
}

// Joined tells how to part them again.
type Joined struct {
	Merge string `json:"merge" example:"mrg_01kjpzx2p0000000000000000s" doc:"For undo-merge."`
}

// PersonPath says which one.
type PersonPath struct {
	Person string `path:"person" example:"per_01kjpzx2p0000000000000000i" doc:"The person's identifier."`
}

func (p PersonPath) id() audience.PersonID { return audience.PersonID(p.Person) }

func (a *API) peopleOperations() {
	x := a.rooms.Audience
	add(a, operation{
		id: "list-people", method: http.MethodGet, path: "/people", tag: tagPeople, needs: team.PeopleRead,
		summary: "List people", description: "People whose name or handle begins with the words of q, or everybody; the most recently seen first.",
	}, func(ctx context.Context, c *caller, in *struct {
		Paging
		Query string `query:"q" maxLength:"200" example:"ada" doc:"How a name or handle begins, without accents and capitals."`
	},
	) (*output[Page[Person]], error) {
		people, next, err := x.Find(ctx, c.actor, in.Query, in.Cursor, in.Limit)
		if err != nil {
			return nil, err
		}
		return answer(Page[Person]{Items: each(people, personOf), Next: next}), nil
	})
	add(a, operation{
		id: "get-person", method: http.MethodGet, path: "/people/{person}", tag: tagPeople, needs: team.PeopleRead,
		summary: "Get a person", description: "A person with their accounts, the team's notes, and who was joined into them.",
	}, func(ctx context.Context, c *caller, in *PersonPath) (*output[PersonCard], error) {
		p, err := x.Person(ctx, c.actor, in.id())
		if err != nil {
			return nil, err
		}
		notes, err := x.Notes(ctx, c.actor, p.ID)
		if err != nil {
			return nil, err
		}
		merges, err := x.Merges(ctx, c.actor, p.ID)
		if err != nil {
			return nil, err
		}
		return answer(PersonCard{Person: personOf(p), Notes: each(notes, personNoteOf), Merges: each(merges, func(m audience.Merge) Merge {
			return Merge{ID: string(m.ID), Kept: string(m.Kept), Gone: m.GoneName, Member: string(m.Member), At: m.At.UTC()}
		})}), nil
	})
	add(a, operation{
		id: "list-person-conversations", method: http.MethodGet, path: "/people/{person}/conversations", tag: tagPeople, needs: team.InboxRead,
		summary: "List the conversations with a person", description: "The history with a person on every network, newest first.",
	}, func(ctx context.Context, c *caller, in *struct {
		PersonPath
		Paging
	},
	) (*output[Page[Conversation]], error) {
		l, err := a.rooms.Inbox.List(ctx, c.actor, inbox.Filter{View: inbox.ViewAll, Person: in.id(), Cursor: in.Cursor, Limit: in.Limit})
		if err != nil {
			return nil, err
		}
		return answer(Page[Conversation]{Next: l.Next, Items: each(l.Conversations, func(v inbox.Conversation) Conversation {
			return a.conversationOf(v, l.Identities, l.Labels[v.ID])
		})}), nil
	})
	add(a, operation{
		id: "rename-person", method: http.MethodPatch, path: "/people/{person}", tag: tagPeople, needs: team.PeopleManage,
		summary: "Rename a person", description: "Gives a person the name the team knows them by.",
	}, func(ctx context.Context, c *caller, in *struct {
		PersonPath
		Body PersonChange
	},
	) (*nothing, error) {
		return nil, x.Rename(ctx, c.actor, in.id(), in.Body.Name)
	})
	add(a, operation{
		id: "add-person-note", method: http.MethodPost, path: "/people/{person}/notes", tag: tagPeople, needs: team.PeopleManage, status: http.StatusCreated,
		summary: "Write a note about a person", description: "For the team only.",
	}, func(ctx context.Context, c *caller, in *struct {
		PersonPath
		Body NewPersonNote
	},
	) (*output[PersonNote], error) {
		n, err := x.AddNote(ctx, c.actor, in.id(), in.Body.Body)
		if err != nil {
			return nil, err
		}
		return answer(personNoteOf(n)), nil
	})
	add(a, operation{
		id: "merge-people", method: http.MethodPost, path: "/people/{person}/merge", tag: tagPeople, needs: team.PeopleManage,
		summary: "Join two people", description: "Says that two people are the same. It can be undone.",
	}, func(ctx context.Context, c *caller, in *struct {
		PersonPath
		Body Joining
	},
	) (*output[Joined], error) {
		m, err := x.MergePeople(ctx, c.actor, in.id(), audience.PersonID(in.Body.Gone))
		if err != nil {
			return nil, err
		}
		return answer(Joined{Merge: string(m)}), nil
	})
	add(a, operation{
		id: "undo-merge", method: http.MethodPost, path: "/merges/{merge}/undo", tag: tagPeople, needs: team.PeopleManage,
		summary: "Part two people again", description: "As they were when they were joined; accounts that moved on since then stay where they are.",
		conflict: "It was undone before.",
	}, func(ctx context.Context, c *caller, in *struct {
		Merge string `path:"merge" example:"mrg_01kjpzx2p0000000000000000s" doc:"The merge's identifier."`
	},
	) (*nothing, error) {
		return nil, x.UndoMerge(ctx, c.actor, audience.MergeID(in.Merge))
	})
}
