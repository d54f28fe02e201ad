package inbox

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/search"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/verdict"
)

// View is a way to look at the conversations.
type View string

// The views.
const (
	ViewTodo       View = "todo"       // someone waits for us; who is due first stands first
	ViewMine       View = "mine"       // in my charge and not done
	ViewUnassigned View = "unassigned" // someone waits, and nobody is in charge
	ViewLate       View = "late"       // someone waits longer than we want
	ViewApprove    View = "approve"    // a reply waits for a second person
	ViewTrouble    View = "trouble"    // a reply did not get out
	ViewWaiting    View = "waiting"    // we answered and wait for them
	ViewSnoozed    View = "snoozed"    // put aside
	ViewDone       View = "done"       // settled
	ViewCriticism  View = "criticism"  // not settled, and something they wrote is a criticism
	ViewDoubt      View = "doubt"      // not settled, and something they wrote may be a criticism
	ViewQuestion   View = "question"   // not settled, and they ask something
	ViewPraise     View = "praise"     // not settled, and they praise something
	ViewBefore     View = "before"     // a criticism of the last months that arrived as past, that nobody answered and no member has looked at
	ViewAll        View = "all"
)

// Views lists the views in the order in which they are shown.
var Views = []View{ViewTodo, ViewMine, ViewUnassigned, ViewLate, ViewApprove, ViewTrouble, ViewWaiting, ViewSnoozed, ViewDone, ViewAll}

// BeforeFor is how far back ViewBefore looks.
const BeforeFor = 183 * 24 * time.Hour

// Subjects lists the views by what people write about, in the order in which they are shown.
var Subjects = []View{ViewCriticism, ViewDoubt, ViewQuestion, ViewPraise}

// byDue tells whether a view shows first who is due first; the others show the latest first.
func (v View) byDue() bool { return v == ViewTodo || v == ViewLate || v == ViewUnassigned }

// Filter narrows a list.
type Filter struct {
	View    View // "" is ViewTodo
	Channel network.ChannelID
	Label   string // id
	Person  audience.PersonID
	Query   string // full text; the newest matches come first, without further pages
	Cursor  string
	Limit   int // 0: 30; at most 100
}

// List is a page of conversations with what is needed to show them.
type List struct {
	Conversations []Conversation
	Identities    map[audience.IdentityID]audience.Identity
	Labels        map[ConversationID][]Label
	Verdicts      map[ConversationID]verdict.Verdict // of the last thing they wrote, its words marked
	Next          string                             // cursor of the next page; "" is the last
	Capped        bool                               // a search found more than it shows
}

// Counts say how many conversations stand in each view and how many wait on each channel. Counting stops at CountCap.
type Counts struct {
	Views    map[View]int
	Channels map[network.ChannelID]int // of ViewTodo
}

// CountCap is where counting stops: more is shown as "more than".
const CountCap = 1000

// found bounds what a search looks at, in interactions.
const found = 250

// List gives the conversations of a view.
func (x *Inbox) List(ctx context.Context, actor team.Actor, f Filter) (List, error) {
	if err := actor.May(team.InboxRead); err != nil {
		return List{}, err
	}
	if f.View == "" {
		f.View = ViewTodo
	}
	if !slices.Contains(Views, f.View) && !slices.Contains(Subjects, f.View) && f.View != ViewBefore {
		return List{}, fault.New(fault.Invalid, "inbox.view.unknown").With("view", string(f.View))
	}
	if f.Limit <= 0 {
		f.Limit = 30
	}
	f.Limit = min(f.Limit, 100)
	l, err := x.list(ctx, actor, f)
	if err != nil {
		return List{}, fmt.Errorf("inbox.List: %w", err)
	}
	return l, nil
}

func (x *Inbox) list(ctx context.Context, actor team.Actor, f Filter) (l List, err error) {
	q := listQuery{actor: actor, filter: f, now: x.clock.Now()}
	if f.Person != "" {
		identities, err := x.audience.IdentitiesOf(ctx, actor.Company, f.Person)
		if err != nil {
			return l, err
		}
		for _, i := range identities {
			q.identities = append(q.identities, i.ID)
		}
		if len(q.identities) == 0 {
			return l, nil
		}
	}
	if strings.TrimSpace(f.Query) != "" {
		return x.searchList(ctx, q)
	}
	if l.Conversations, l.Next, err = x.readList(ctx, q); err != nil {
		return l, err
	}
	return l, x.dress(ctx, actor.Company, &l)
}

// searchList finds the conversations in which something was written. The newest interactions decide what is looked at;
// what else is asked for is compared here, because there are few.
func (x *Inbox) searchList(ctx context.Context, q listQuery) (l List, err error) {
	f := q.filter
	refs, err := x.search.Find(ctx, search.Query{Company: string(q.actor.Company), Kind: searchKind, Text: f.Query, Limit: found})
	if err != nil || len(refs) == 0 {
		return l, err
	}
	l.Capped = len(refs) == found
	cs, err := x.conversationsOf(ctx, q.actor.Company, refs)
	if err != nil {
		return l, err
	}
	l.Conversations = slices.DeleteFunc(cs, func(c Conversation) bool {
		return !f.View.holds(c, q.actor, q.now) || f.Channel != "" && c.Channel != f.Channel ||
			q.identities != nil && !slices.Contains(q.identities, c.Identity)
	})
	if f.Label != "" {
		ids := make([]ConversationID, 0, len(l.Conversations))
		for _, c := range l.Conversations {
			ids = append(ids, c.ID)
		}
		labels, err := x.labelsOf(ctx, q.actor.Company, ids)
		if err != nil {
			return l, err
		}
		l.Conversations = slices.DeleteFunc(l.Conversations, func(c Conversation) bool {
			return !slices.ContainsFunc(labels[c.ID], func(k Label) bool { return k.ID == f.Label })
		})
	}
	slices.SortFunc(l.Conversations, func(a, b Conversation) int {
		if f.View.byDue() {
			return cmp.Or(a.DueAt.Compare(b.DueAt), cmp.Compare(a.ID, b.ID))
		}
		return cmp.Or(b.LastAt.Compare(a.LastAt), cmp.Compare(b.ID, a.ID))
	})
	if len(l.Conversations) > f.Limit {
		l.Conversations, l.Capped = l.Conversations[:f.Limit], true
	}
	return l, x.dress(ctx, q.actor.Company, &l) // only what is shown: most of what was found is not
}

// holds tells whether a view shows a conversation; it says the same as the query of the view.
func (v View) holds(c Conversation, actor team.Actor, now time.Time) bool {
	waits := c.State == Open && !c.DueAt.IsZero()
	switch v {
	case ViewTodo:
		return waits
	case ViewUnassigned:
		return waits && c.Assignee == ""
	case ViewLate:
		return waits && c.DueAt.Before(now)
	case ViewMine:
		return c.Assignee != "" && c.Assignee == actor.Member && c.State != Done
	case ViewApprove:
		return c.Pending
	case ViewTrouble:
		return c.Trouble
	case ViewWaiting:
		return c.State == Waiting
	case ViewSnoozed:
		return c.State == Snoozed
	case ViewDone:
		return c.State == Done
	case ViewCriticism:
		return c.Criticism && c.State != Done
	case ViewDoubt:
		return c.Doubt && c.State != Done
	case ViewQuestion:
		return c.Question && c.State != Done
	case ViewPraise:
		return c.Praise && c.State != Done
	case ViewBefore:
		return c.Criticism && c.State == Done && c.LastOutAt.Before(c.LastInAt) && !c.DoneAt.After(c.LastAt) && c.LastAt.After(now.Add(-BeforeFor))
	default:
		return true
	}
}

// dress adds names, labels and verdicts to a list.
func (x *Inbox) dress(ctx context.Context, c team.CompanyID, l *List) (err error) {
	who := make([]audience.IdentityID, 0, len(l.Conversations))
	ids := make([]ConversationID, 0, len(l.Conversations))
	for _, v := range l.Conversations {
		who, ids = append(who, v.Identity), append(ids, v.ID)
	}
	if l.Identities, err = x.audience.IdentitiesByID(ctx, c, who); err != nil {
		return err
	}
	if l.Labels, err = x.labelsOf(ctx, c, ids); err != nil {
		return err
	}
	l.Verdicts, err = x.lastVerdicts(ctx, c, l.Conversations)
	return err
}

// Counts counts the views for an actor.
func (x *Inbox) Counts(ctx context.Context, actor team.Actor) (Counts, error) {
	if err := actor.May(team.InboxRead); err != nil {
		return Counts{}, err
	}
	c, err := x.counts(ctx, actor, x.clock.Now())
	if err != nil {
		return Counts{}, fmt.Errorf("inbox.Counts: %w", err)
	}
	return c, nil
}
