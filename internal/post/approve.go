package post

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// Mode is whose yes a company wants before a post goes out. It is stored in the database.
type Mode string

// The modes.
const (
	ModeNone  Mode = "none"  // nobody's
	ModeOne   Mode = "one"   // somebody else's who may approve
	ModeRole  Mode = "role"  // that of somebody in a role
	ModeTwo   Mode = "two"   // two people's, one after the other
	ModeOwner Mode = "owner" // an owner's
)

// Modes lists the modes from the freest.
var Modes = []Mode{ModeNone, ModeOne, ModeRole, ModeTwo, ModeOwner}

// Step is one yes that a post needs. It is stored in the database.
type Step struct {
	Role team.Role // whose; "": anybody's who may approve
}

// steps are the yeses that a company wants.
func (s Settings) steps() []Step {
	switch s.Approval {
	case ModeOne:
		return []Step{{}}
	case ModeRole:
		return []Step{{s.First}}
	case ModeOwner:
		return []Step{{team.Owner}}
	case ModeTwo:
		second := s.Second
		if second == "" {
			second = team.Owner
		}
		return []Step{{s.First}, {second}}
	}
	return nil
}

// Decision is what somebody said about the exact bytes of a post.
type Decision struct {
	Hash       string
	Correction CorrectionID // "" the post itself
	Yes        bool
	Member     team.MemberID // who said it, or in whose place a guest did
	Role       team.Role     // that they had then
	Guest      string        // a guest's name
	Counts     bool          // a yes that the company asked for; a guest's whose host might not say it does not
	Words      string
	At         time.Time
	Valid      bool // it is about what the post says now

	round int
	guest GuestID
}

// AskIn asks for the yes that the company wants.
type AskIn struct {
	Version int // that the member has before them
	Of      []team.MemberID
	Note    string // for who decides; it becomes a comment
}

// Ask freezes what goes out and asks for the yes that the company wants. Members named in Of may give it whatever their role,
// where anybody's is asked for. It needs PostsWrite.
func (p *Posts) Ask(ctx context.Context, actor team.Actor, id ID, in AskIn) (Post, error) {
	if err := actor.May(team.PostsWrite); err != nil {
		return Post{}, err
	}
	in.Note = strings.TrimSpace(body(in.Note))
	if text.Graphemes(in.Note) > maxComment {
		return Post{}, fault.InvalidFields(fault.Field{Name: "note", Key: "post.comment.length", Args: map[string]any{"max": maxComment}})
	}
	if err := p.learnPost(ctx, actor.Company, id, learnWait); err != nil {
		return Post{}, fmt.Errorf("post.ask: %w", err)
	}
	return p.change(ctx, actor, id, "post.ask", func(ctx context.Context, tx *store.Tx, x *Post) error {
		if x.Version != in.Version {
			return fault.New(fault.Conflict, "post.moved")
		}
		if x.State != Draft {
			return fault.New(fault.Conflict, "post.ask.state")
		}
		if err := p.active(ctx, actor.Company, "of", in.Of); err != nil {
			return err
		}
		s, err := p.settingsOf(ctx, actor.Company)
		if err != nil {
			return err
		}
		if err := p.freeze(ctx, tx, x); err != nil {
			return err
		}
		wanted := s.steps()
		if len(wanted) == 0 { // who asks although nobody wants it gets asked for one
			wanted = []Step{{}}
		}
		if err := p.ask(ctx, tx, actor, x, wanted); err != nil {
			return err
		}
		if err := p.setShares(ctx, tx, actor.Company, id, in.Of, true); err != nil {
			return err
		}
		if in.Note == "" {
			return nil
		}
		now := p.rooms.Clock.Now()
		return p.insertComment(ctx, tx, actor.Company, id, Comment{ID: CommentID(commentKind.New(now)), Member: actor.Member, Text: in.Note, At: now})
	})
}

// ask begins a round of asking over what is frozen.
func (p *Posts) ask(ctx context.Context, tx *store.Tx, actor team.Actor, x *Post, wanted []Step) error {
	x.State, x.Wanted, x.AskedBy, x.AskedAt, x.Back = Pending, wanted, actor.Member, p.rooms.Clock.Now(), ""
	x.round++
	return nil
}

// freeze fixes the exact bytes that go out. What a network would refuse, what must be confirmed and was not, and what is
// missing stand in the way.
func (p *Posts) freeze(ctx context.Context, tx *store.Tx, x *Post) error {
	w, err := p.written(ctx, *x)
	if err != nil {
		return err
	}
	contents, err := p.ready(ctx, *x, w)
	if err != nil {
		return err
	}
	rows, err := p.variantRows(ctx, x.Company, x.ID)
	if err != nil {
		return err
	}
	for _, r := range rows {
		r.Frozen = contents[r.ChannelID]
		if err := p.saveVariant(ctx, tx, r); err != nil {
			return err
		}
	}
	x.Hash = hashOf(contents)
	return p.makeTracks(ctx, tx, *x, w, contents)
}

// ready makes what goes out, or says everything that stands in the way.
func (p *Posts) ready(ctx context.Context, x Post, w Written) (map[network.ChannelID][]Content, error) {
	if len(w.Channels) == 0 {
		return nil, fault.InvalidFields(fault.Field{Name: "channels", Key: "post.channels.none"})
	}
	if err := p.check(ctx, x.Company, w); err != nil {
		return nil, err
	}
	f, err := p.fitter(ctx, x.Company, x.ID, w)
	if err != nil {
		return nil, err
	}
	var wrong []fault.Field
	contents := map[network.ChannelID][]Content{}
	for _, ch := range w.Channels {
		v, cs := f.fit(w.Message, ownOf(w, ch), ch)
		said := slices.ContainsFunc(cs, func(c Content) bool { return !c.Comment && (strings.TrimSpace(c.Text) != "" || len(c.Media) > 0) })
		switch {
		case !said:
			wrong = append(wrong, fault.Field{Name: "text", Key: "post.text.none", Args: map[string]any{"channel": f.channels[ch].Name}})
		case v.Refused():
			wrong = append(wrong, fault.Field{Name: "channels", Key: "post.refused", Args: map[string]any{"channel": f.channels[ch].Name}})
		}
		contents[ch] = cs
	}
	_, doubts, err := p.look(ctx, x.Company, x.ID, w)
	if err != nil {
		return nil, err
	}
	if n := len(open(doubts)); n > 0 {
		wrong = append(wrong, fault.Field{Name: "confirm", Key: "post.confirm.missing", Args: map[string]any{"n": n}})
	}
	return contents, fault.InvalidFields(wrong...)
}

// decider is somebody who says yes or no: a member, or a guest in the place of one.
type decider struct {
	member team.Member
	asked  bool // by name
	guest  Guest
}

// mayGive tells whether a yes of somebody's may be a step.
func (d decider) mayGive(s Step) bool {
	switch {
	case d.member.State != team.MemberActive:
		return false
	case s.Role == "":
		return d.member.Role.Can(team.PostsApprove) || d.asked
	default:
		return d.member.Role == s.Role || d.member.Role == team.Owner
	}
}

// given tells how many of the steps that are wanted have been given by these decisions, in their order.
func given(wanted []Step, ds []Decision) int {
	n := 0
	for _, d := range ds {
		if n < len(wanted) && d.Yes && d.Counts && d.Valid {
			n++
		}
	}
	return n
}

// authors are those whose own a post is: who began it, everybody who wrote in it, and who asks.
func (p *Posts) authors(ctx context.Context, x Post) ([]team.MemberID, error) {
	wrote, err := p.wrote(ctx, x)
	return append(wrote, x.CreatedBy, x.SavedBy, x.AskedBy), err
}

// Approve says yes to the exact bytes that hash names. With the last yes the company wants the post is approved, and planned
// where a time was wished for. Who wrote in it, or asked, may not say the yes of another, unless nobody else could. It needs PostsApprove,
// or to be asked by name.
func (p *Posts) Approve(ctx context.Context, actor team.Actor, id ID, hash string) (Post, error) {
	if err := p.mayDecide(ctx, actor, id); err != nil {
		return Post{}, err
	}
	return p.change(ctx, actor, id, "post.approve", func(ctx context.Context, tx *store.Tx, x *Post) error {
		who, err := p.deciderOf(ctx, actor, id)
		if err != nil {
			return err
		}
		return p.approve(ctx, tx, x, who, hash, "")
	})
}

// mayDecide is nil when the actor may approve posts, or was asked for this one by name.
func (p *Posts) mayDecide(ctx context.Context, actor team.Actor, id ID) error {
	refused := actor.May(team.PostsApprove)
	if refused == nil || actor.Self() != nil {
		return refused
	}
	s, err := p.share(ctx, actor.Company, id, actor.Member)
	if err != nil {
		return err
	}
	if s == nil || !s.Asked {
		return refused
	}
	return nil
}

func (p *Posts) deciderOf(ctx context.Context, actor team.Actor, id ID) (decider, error) {
	if actor.Member == "" { // the command line speaks for an owner
		return decider{member: team.Member{Role: actor.Role, State: team.MemberActive}}, nil
	}
	ms, err := p.rooms.Team.MembersByID(ctx, actor.Company)
	if err != nil {
		return decider{}, err
	}
	s, err := p.share(ctx, actor.Company, id, actor.Member)
	return decider{member: ms[actor.Member], asked: s != nil && s.Asked}, err
}

// approve takes a yes in: the next step that is wanted.
func (p *Posts) approve(ctx context.Context, tx *store.Tx, x *Post, who decider, hash, words string) error {
	if x.State != Pending {
		return fault.New(fault.Conflict, "post.approve.state")
	}
	if hash != x.Hash {
		return fault.New(fault.Conflict, "post.approve.moved")
	}
	ds, err := p.decisions(ctx, *x)
	if err != nil {
		return err
	}
	authors, err := p.authors(ctx, *x)
	if err != nil {
		return err
	}
	counts, err := p.counts(ctx, *x, who, x.Wanted, ds, authors...)
	if err != nil {
		return err
	}
	d := Decision{
		Hash: hash, Yes: true, Member: who.member.ID, Role: who.member.Role, Guest: who.guest.Name, guest: who.guest.ID, Counts: counts, Words: words,
		At: p.rooms.Clock.Now(), Valid: true, round: x.round,
	}
	if err := p.insertDecision(ctx, tx, *x, d); err != nil {
		return err
	}
	if given(x.Wanted, append(ds, d)) < len(x.Wanted) {
		return nil
	}
	x.State = Approved
	if x.When.Kind == "" {
		return nil
	}
	return p.plan(ctx, tx, x)
}

// counts tells whether somebody's yes is the next one that is wanted. A member's that is not is refused; a guest's that is not is kept
// as what they think.
func (p *Posts) counts(ctx context.Context, x Post, who decider, wanted []Step, ds []Decision, authors ...team.MemberID) (bool, error) {
	guest := who.guest.ID != ""
	refuse := func(key string) (bool, error) {
		if guest {
			return false, nil
		}
		return false, fault.New(fault.Denied, key)
	}
	n := given(wanted, ds)
	if n >= len(wanted) {
		return false, nil
	}
	step := wanted[n]
	if !who.mayGive(step) {
		return refuse("post.approve.role")
	}
	if who.member.ID == "" {
		return true, nil
	}
	said := func(m team.MemberID) bool {
		return slices.ContainsFunc(ds, func(d Decision) bool { return d.Valid && d.Yes && d.Counts && d.Member == m })
	}
	if said(who.member.ID) {
		return refuse("post.approve.twice")
	}
	// An owner's own post has the owner's yes; wherever another's is asked for nobody gives it for their own.
	own := slices.Contains(authors, who.member.ID) && step.Role != team.Owner
	if !own {
		return true, nil
	}
	ms, err := p.rooms.Team.MembersByID(ctx, x.Company)
	if err != nil {
		return false, err
	}
	for id, m := range ms {
		other := decider{member: m}
		if !slices.Contains(authors, id) && !said(id) && other.mayGive(step) {
			return refuse("post.approve.own")
		}
	}
	return !guest, nil // a person alone cannot ask another; a guest of the author's own stands for nobody else
}

// SendBack says no, with what should change; the post is a draft again. It needs PostsApprove, or to be asked by name.
func (p *Posts) SendBack(ctx context.Context, actor team.Actor, id ID, why string) (Post, error) {
	if err := p.mayDecide(ctx, actor, id); err != nil {
		return Post{}, err
	}
	why = strings.TrimSpace(body(why))
	if n := text.Graphemes(why); n == 0 || n > maxComment {
		return Post{}, fault.InvalidFields(fault.Field{Name: "why", Key: "post.back.why", Args: map[string]any{"max": maxComment}})
	}
	return p.change(ctx, actor, id, "post.sendback", func(ctx context.Context, tx *store.Tx, x *Post) error {
		who, err := p.deciderOf(ctx, actor, id)
		if err != nil {
			return err
		}
		return p.sendBack(ctx, tx, x, who, why)
	})
}

func (p *Posts) sendBack(ctx context.Context, tx *store.Tx, x *Post, who decider, why string) error {
	if x.State != Pending {
		return fault.New(fault.Conflict, "post.approve.state")
	}
	err := p.insertDecision(ctx, tx, *x, Decision{
		Hash: x.Hash, Member: who.member.ID, Role: who.member.Role, Guest: who.guest.Name, guest: who.guest.ID, Counts: true, Words: why,
		At: p.rooms.Clock.Now(), round: x.round,
	})
	if err != nil {
		return err
	}
	if err := p.reopen(ctx, tx, x); err != nil {
		return err
	}
	x.Back = why
	return nil
}

// WithdrawAsk takes back what was asked: the post is a draft again. It needs PostsWrite.
func (p *Posts) WithdrawAsk(ctx context.Context, actor team.Actor, id ID) (Post, error) {
	if err := actor.May(team.PostsWrite); err != nil {
		return Post{}, err
	}
	return p.change(ctx, actor, id, "post.unask", func(ctx context.Context, tx *store.Tx, x *Post) error {
		if x.State != Pending && x.State != Approved {
			return fault.New(fault.Conflict, "post.approve.state")
		}
		return p.reopen(ctx, tx, x)
	})
}

// change lets f change a post that nobody else changes meanwhile, and writes, audits and tells it.
func (p *Posts) change(ctx context.Context, actor team.Actor, id ID, verb string, f func(context.Context, *store.Tx, *Post) error) (Post, error) {
	var out Post
	err := p.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := p.alone(ctx, tx, actor.Company); err != nil {
			return err
		}
		x, err := p.readPost(ctx, actor.Company, id)
		if err != nil {
			return err
		}
		if err := f(ctx, tx, &x); err != nil {
			return err
		}
		x.at()
		if err := p.savePost(ctx, tx, x); err != nil {
			return err
		}
		if err := p.rooms.Team.Audit(ctx, tx, actor, team.Entry{Verb: verb, ObjectKind: "post", ObjectID: string(id)}); err != nil {
			return err
		}
		out = x
		return p.tell(ctx, tx, actor, id)
	})
	if err != nil {
		return Post{}, fmt.Errorf("%s: %w", verb, err)
	}
	return out, nil
}
