package post

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// Bounds of what is written; networks bound it more narrowly.
const (
	maxTitle    = 300      // characters
	maxText     = 64 << 10 // bytes
	maxWarning  = 500      // characters
	maxCampaign = 60
	mostMedia   = 20
	mostTags    = 60
	maxTag      = 100
	mostTo      = 40 // channels of a post
)

// CreateIn is a new post.
type CreateIn struct {
	Message  Message
	Channels []network.ChannelID
	Own      map[network.ChannelID]Own
	Template SnippetID // what the message begins as when it is empty; "" none
}

// SaveIn is what a member has before them when a draft is saved.
type SaveIn struct {
	Post     ID
	Version  int // that it was started from
	Message  Message
	Channels []network.ChannelID
	Own      map[network.ChannelID]Own // the others follow the message
}

// Written is the content of a post: what is saved, and kept in its history.
type Written struct {
	Message  Message
	Channels []network.ChannelID
	Own      map[network.ChannelID]Own
}

// Create begins a post. It needs PostsWrite.
func (p *Posts) Create(ctx context.Context, actor team.Actor, in CreateIn) (Post, error) {
	if err := actor.May(team.PostsWrite); err != nil {
		return Post{}, err
	}
	w := Written{Message: in.Message, Channels: in.Channels, Own: in.Own}
	var x Post
	err := p.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		if in.Template != "" {
			s, err := p.snippet(ctx, actor.Company, in.Template)
			if err != nil {
				return err
			}
			if w.Message.Text == "" && w.Message.Title == "" {
				w.Message = s.Message
			}
		}
		if x, err = p.create(ctx, tx, actor, w, "post.create"); err != nil {
			return err
		}
		return p.askLinks(ctx, tx, actor.Company, w)
	})
	if err != nil {
		return Post{}, fmt.Errorf("post.Create: %w", err)
	}
	return x, nil
}

// create begins a post with a content.
func (p *Posts) create(ctx context.Context, tx *store.Tx, actor team.Actor, w Written, verb string) (Post, error) {
	if err := p.alone(ctx, tx, actor.Company); err != nil {
		return Post{}, err
	}
	w.tidy()
	if err := p.check(ctx, actor.Company, w); err != nil {
		return Post{}, err
	}
	now := p.rooms.Clock.Now()
	x := Post{
		ID: ID(postKind.New(now)), Company: actor.Company, State: Draft, Message: w.Message, Version: 1, CreatedBy: actor.Member, CreatedAt: now,
		SavedBy: actor.Member, SavedAt: now, At: now,
	}
	if err := p.insertPost(ctx, tx, x); err != nil {
		return Post{}, err
	}
	if err := p.setVariants(ctx, tx, x, w); err != nil {
		return Post{}, err
	}
	if err := p.keepAlts(ctx, actor.Company, w.Message); err != nil {
		return Post{}, err
	}
	if err := p.rooms.Team.Audit(ctx, tx, actor, team.Entry{Verb: verb, ObjectKind: "post", ObjectID: string(x.ID)}); err != nil {
		return Post{}, err
	}
	return x, p.tell(ctx, tx, actor, x.ID)
}

// sitting is how long a member's saves count as one: the history keeps what stood before them.
const sitting = 5 * time.Minute

// SaveDraft keeps what a member has written, as often as their browser likes. Who started from a version that is no longer the last
// gets a Conflict that says who saved it; what they wrote is kept aside in the history and nothing is lost. A post that was asked about,
// approved or planned is a draft again: every change asks again. It needs PostsWrite, or that the post is shared with the
// actor.
func (p *Posts) SaveDraft(ctx context.Context, actor team.Actor, in SaveIn) (Post, error) {
	if err := p.mayWrite(ctx, actor, in.Post); err != nil {
		return Post{}, err
	}
	w := Written{Message: in.Message, Channels: in.Channels, Own: in.Own}
	w.tidy()
	if err := p.check(ctx, actor.Company, w); err != nil {
		return Post{}, fmt.Errorf("post.SaveDraft: %w", err)
	}
	var stale error
	var out Post
	err := p.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		if out, stale, err = p.save(ctx, tx, actor, in.Post, in.Version, w); err != nil {
			return err
		}
		return p.askLinks(ctx, tx, actor.Company, w)
	})
	if err != nil {
		return Post{}, fmt.Errorf("post.SaveDraft: %w", err)
	}
	if stale != nil { // after the commit: what came too late is kept
		return out, fmt.Errorf("post.SaveDraft: %w", stale)
	}
	return out, nil
}

func (p *Posts) save(ctx context.Context, tx *store.Tx, actor team.Actor, id ID, version int, w Written) (x Post, stale, err error) {
	if err := p.alone(ctx, tx, actor.Company); err != nil {
		return x, nil, err
	}
	if x, err = p.readPost(ctx, actor.Company, id); err != nil {
		return x, nil, err
	}
	before, err := p.written(ctx, x)
	if err != nil {
		return x, nil, err
	}
	same := before.same(w)
	switch {
	case same:
		return x, nil, nil
	case version != x.Version:
		kept, err := p.insertPast(ctx, tx, Past{Version: version, Aside: true, Written: w, Member: actor.Member, At: p.rooms.Clock.Now()}, x)
		if err != nil {
			return x, nil, err
		}
		return x, fault.New(fault.Conflict, "post.stale").With("member", string(x.SavedBy)).With("at", x.SavedAt).With("kept", string(kept)), nil
	}
	now := p.rooms.Clock.Now()
	fresh, err := p.freshSitting(ctx, x, actor.Member, now)
	if err != nil {
		return x, nil, err
	}
	if fresh {
		if _, err := p.insertPast(ctx, tx, Past{Version: x.Version, Written: before, Member: x.SavedBy, At: x.SavedAt}, x); err != nil {
			return x, nil, err
		}
		if err := p.rooms.Team.Audit(ctx, tx, actor, team.Entry{Verb: "post.save", ObjectKind: "post", ObjectID: string(id)}); err != nil {
			return x, nil, err
		}
	}
	if err := p.reopen(ctx, tx, &x); err != nil {
		return x, nil, err
	}
	x.Message, x.SavedBy, x.SavedAt = w.Message, actor.Member, now
	x.Version++
	x.Back = ""
	x.at()
	if err := p.savePost(ctx, tx, x); err != nil {
		return x, nil, err
	}
	if err := p.setVariants(ctx, tx, x, w); err != nil {
		return x, nil, err
	}
	if err := p.keepAlts(ctx, actor.Company, w.Message); err != nil {
		return x, nil, err
	}
	return x, nil, p.tell(ctx, tx, actor, id)
}

// reopen makes a draft of a post of which nothing is out: what was asked, approved or planned counts no more. The time that was
// wished for stays.
func (p *Posts) reopen(ctx context.Context, tx *store.Tx, x *Post) error {
	switch x.State {
	case Draft:
		return nil
	case Pending, Approved, Planned, Held:
	default:
		return fault.New(fault.Conflict, "post.save.out")
	}
	vs, err := p.readVariants(ctx, x.Company, x.ID)
	if err != nil {
		return err
	}
	for i := range vs {
		if vs[i].State != Idle && vs[i].State != VarPlanned && vs[i].State != VarHeld || len(vs[i].Parts) > 0 && !untouched(vs[i].Parts) {
			return fault.New(fault.Conflict, "post.save.out")
		}
	}
	if err := p.idleVariants(ctx, tx, *x); err != nil {
		return err
	}
	x.State, x.Hash, x.Wanted, x.AskedBy, x.AskedAt, x.Trouble = Draft, "", nil, "", zero, false
	return nil
}

// untouched tells that nothing of a variant was ever tried.
func untouched(parts []Part) bool {
	return !slices.ContainsFunc(parts, func(x Part) bool { return x.State != PartWaiting })
}

// Follow lets a channel's variant follow the message again: what was written by hand for it goes into the history. It needs
// PostsWrite.
func (p *Posts) Follow(ctx context.Context, actor team.Actor, id ID, ch network.ChannelID) (Post, error) {
	if err := p.mayWrite(ctx, actor, id); err != nil {
		return Post{}, err
	}
	var out Post
	err := p.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := p.alone(ctx, tx, actor.Company); err != nil {
			return err
		}
		x, err := p.readPost(ctx, actor.Company, id)
		if err != nil {
			return err
		}
		w, err := p.written(ctx, x)
		if err != nil {
			return err
		}
		if _, own := w.Own[ch]; !own {
			out = x
			return nil
		}
		before := w
		w.Own = map[network.ChannelID]Own{}
		for c, o := range before.Own {
			if c != ch {
				w.Own[c] = o
			}
		}
		if _, err := p.insertPast(ctx, tx, Past{Version: x.Version, Written: before, Member: x.SavedBy, At: x.SavedAt}, x); err != nil {
			return err
		}
		out, _, err = p.save(ctx, tx, actor, id, x.Version, w)
		return err
	})
	if err != nil {
		return Post{}, fmt.Errorf("post.Follow: %w", err)
	}
	return out, nil
}

// Past is an earlier state of a message, or what a save brought that came too late.
type Past struct {
	ID      PastID
	Version int  // of what it is, or that it was started from when it stands aside
	Aside   bool // it came too late: the post went on without it
	Written Written
	Member  team.MemberID
	At      time.Time
}

// mostPast is how many earlier states are kept.
const mostPast = 200

// History gives the earlier states of a post, newest first. It needs PostsRead, or that the post is shared with the actor.
func (p *Posts) History(ctx context.Context, actor team.Actor, id ID) ([]Past, error) {
	if err := p.mayRead(ctx, actor, id); err != nil {
		return nil, err
	}
	out, err := p.pasts(ctx, actor.Company, id)
	if err != nil {
		return nil, fmt.Errorf("post.History: %w", err)
	}
	return out, nil
}

// Restore brings an earlier state back; what stands now goes into the history. Started from a version that is no longer the last it
// is a Conflict. It needs PostsWrite.
func (p *Posts) Restore(ctx context.Context, actor team.Actor, id ID, past PastID, version int) (Post, error) {
	if err := p.mayWrite(ctx, actor, id); err != nil {
		return Post{}, err
	}
	old, err := p.past(ctx, actor.Company, id, past)
	if err != nil {
		return Post{}, fmt.Errorf("post.Restore: %w", err)
	}
	w := old.Written
	return p.SaveDraft(ctx, actor, SaveIn{Post: id, Version: version, Message: w.Message, Channels: w.Channels, Own: w.Own})
}

// Delete drops a post of which nothing went out. It needs PostsWrite.
func (p *Posts) Delete(ctx context.Context, actor team.Actor, id ID) error {
	if err := actor.May(team.PostsWrite); err != nil {
		return err
	}
	err := p.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := p.alone(ctx, tx, actor.Company); err != nil {
			return err
		}
		x, err := p.readPost(ctx, actor.Company, id)
		if err != nil {
			return err
		}
		if x.State != Draft && x.State != Pending && x.State != Approved {
			return fault.New(fault.Conflict, "post.delete.out")
		}
		if err := p.deletePost(ctx, tx, x); err != nil {
			return err
		}
		if err := p.dropTracks(ctx, tx, x); err != nil {
			return err
		}
		if err := p.rooms.Team.Audit(ctx, tx, actor, team.Entry{Verb: "post.delete", ObjectKind: "post", ObjectID: string(id)}); err != nil {
			return err
		}
		return p.tell(ctx, tx, actor, id)
	})
	if err != nil {
		return fmt.Errorf("post.Delete: %w", err)
	}
	return nil
}

// Copy begins a new post with the words of another, for some of its channels or, with none named, for all that are still there. It
// needs PostsWrite.
func (p *Posts) Copy(ctx context.Context, actor team.Actor, id ID, channels []network.ChannelID) (Post, error) {
	if err := actor.May(team.PostsWrite); err != nil {
		return Post{}, err
	}
	var out Post
	err := p.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		x, err := p.readPost(ctx, actor.Company, id)
		if err != nil {
			return err
		}
		w, err := p.written(ctx, x)
		if err != nil {
			return err
		}
		if channels != nil {
			w.Channels = channels
		}
		if w, err = p.still(ctx, actor.Company, w); err != nil {
			return err
		}
		out, err = p.create(ctx, tx, actor, w, "post.copy")
		return err
	})
	if err != nil {
		return Post{}, fmt.Errorf("post.Copy: %w", err)
	}
	return out, nil
}

// still leaves out of a content what is no longer there: channels that were disconnected, files that were deleted.
func (p *Posts) still(ctx context.Context, c team.CompanyID, w Written) (Written, error) {
	all, err := p.rooms.Networks.ChannelsByID(ctx, c)
	if err != nil {
		return w, err
	}
	w.Channels = slices.DeleteFunc(slices.Clone(w.Channels), func(id network.ChannelID) bool { return !usable(all, id) })
	own := map[network.ChannelID]Own{}
	for ch, o := range w.Own {
		if slices.Contains(w.Channels, ch) {
			own[ch] = o
		}
	}
	w.Own = own
	gone := false
	var files []Media
	for _, m := range w.Message.Media {
		if _, err := p.rooms.Media.Get(ctx, string(c), m.ID); err != nil {
			gone = true
			continue
		}
		files = append(files, m)
	}
	if gone {
		w.Message.Media = files
		for ch, o := range w.Own {
			o.Media = nil
			w.Own[ch] = o
		}
	}
	return w, nil
}

func usable(all map[network.ChannelID]network.Channel, id network.ChannelID) bool {
	ch, ok := all[id]
	return ok && ch.State != network.Gone && ch.Sends()
}

// tidy brings a content to the form in which it is kept.
func (w *Written) tidy() {
	m := &w.Message
	m.Title, m.Warning, m.Campaign = line(m.Title), line(m.Warning), line(m.Campaign)
	m.Text, m.FirstComment = body(m.Text), body(m.FirstComment)
	var tags []string
	for _, t := range m.Tags {
		if t = strings.TrimPrefix(strings.Join(strings.Fields(t), ""), "#"); t != "" && !slices.Contains(tags, t) {
			tags = append(tags, t)
		}
	}
	m.Tags = tags
	for i := range m.Media {
		m.Media[i].Alt = strings.TrimSpace(body(m.Media[i].Alt))
	}
	slices.Sort(w.Channels)
	w.Channels = slices.Compact(w.Channels)
	own := map[network.ChannelID]Own{}
	for ch, o := range w.Own {
		o.Title, o.Warning, o.Text, o.FirstComment = line(o.Title), line(o.Warning), body(o.Text), body(o.FirstComment)
		own[ch] = o
	}
	w.Own = own
}

func line(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

func body(s string) string { return clean(strings.ReplaceAll(s, "\r\n", "\n")) }

func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}

// same tells whether two contents say the same; nil and empty are alike.
func (w Written) same(o Written) bool {
	norm := func(x Written) Written {
		x.Message.Media = append([]Media{}, x.Message.Media...)
		x.Message.Tags = append([]string{}, x.Message.Tags...)
		x.Channels = append([]network.ChannelID{}, x.Channels...)
		own := map[network.ChannelID]Own{}
		for ch, o := range x.Own {
			own[ch] = o
		}
		x.Own = own
		return x
	}
	return reflect.DeepEqual(norm(w), norm(o))
}

// check refuses what no network takes and what is not there. All wrong fields come together.
func (p *Posts) check(ctx context.Context, c team.CompanyID, w Written) error {
	var wrong []fault.Field
	bad := func(name, key string, most int) {
		wrong = append(wrong, fault.Field{Name: name, Key: key, Args: map[string]any{"max": most}})
	}
	long := func(name, s string, most int) {
		if text.Graphemes(s) > most {
			bad(name, "post.text.long", most)
		}
	}
	m := w.Message
	long("title", m.Title, maxTitle)
	long("warning", m.Warning, maxWarning)
	long("campaign", m.Campaign, maxCampaign)
	all, err := p.rooms.Networks.ChannelsByID(ctx, c)
	if err != nil {
		return err
	}
	huge := len(m.Text) > maxText || len(m.FirstComment) > maxText
	for _, ch := range sortedKeys(w.Own) {
		o := w.Own[ch]
		huge = huge || len(o.Text) > maxText || len(o.FirstComment) > maxText
		long("title", o.Title, maxTitle)
		long("warning", o.Warning, maxWarning)
		if !slices.Contains(w.Channels, ch) {
			wrong = append(wrong, fault.Field{Name: "own", Key: "post.own.channel"})
		}
		if slices.ContainsFunc(o.Media, func(n int) bool { return n < 0 || n >= len(m.Media) }) {
			wrong = append(wrong, fault.Field{Name: "own", Key: "post.own.media"})
		}
	}
	if huge {
		bad("text", "post.text.huge", maxText)
	}
	if len(m.Tags) > mostTags || slices.ContainsFunc(m.Tags, func(t string) bool { return text.Graphemes(t) > maxTag }) {
		bad("tags", "post.tags.many", mostTags)
	}
	if len(w.Channels) > mostTo {
		bad("channels", "post.channels.many", mostTo)
	}
	for _, ch := range w.Channels {
		if !usable(all, ch) {
			wrong = append(wrong, fault.Field{Name: "channels", Key: "post.channels.gone"})
			break
		}
	}
	switch m.Visibility {
	case "", network.Public, network.Unlisted, network.Followers:
	default:
		wrong = append(wrong, fault.Field{Name: "visibility", Key: "post.visibility"})
	}
	if len(m.Media) > mostMedia {
		bad("media", "post.media.many", mostMedia)
	} else if len(m.Media) > 0 {
		ids := make([]media.ID, len(m.Media))
		for i, x := range m.Media {
			ids[i] = x.ID
			long("alt", x.Alt, media.MaxAlt)
		}
		if _, err := p.rooms.Media.Some(ctx, string(c), ids); fault.KindOf(err) == fault.NotFound {
			wrong = append(wrong, fault.Field{Name: "media", Key: "post.media.gone"})
		} else if err != nil {
			return err
		}
	}
	if m.Signature != "" {
		if _, err := p.snippet(ctx, c, m.Signature); fault.KindOf(err) == fault.NotFound {
			wrong = append(wrong, fault.Field{Name: "signature", Key: "post.snippet.missing"})
		} else if err != nil {
			return err
		}
	}
	return fault.InvalidFields(wrong...)
}

// keepAlts has files keep the descriptions that were written for them in a post, where they have none yet.
func (p *Posts) keepAlts(ctx context.Context, c team.CompanyID, m Message) error {
	for _, x := range m.Media {
		if x.Alt == "" {
			continue
		}
		f, err := p.rooms.Media.Get(ctx, string(c), x.ID)
		if err != nil {
			return err
		}
		if f.Alt == "" {
			if err := p.rooms.Media.SetAlt(ctx, string(c), x.ID, x.Alt); err != nil {
				return err
			}
		}
	}
	return nil
}

// at sets where a post stands in lists.
func (p *Post) at() {
	switch {
	case !p.SentAt.IsZero():
		p.At = p.SentAt
	case !p.DueAt.IsZero():
		p.At = p.DueAt
	default:
		p.At = p.SavedAt
	}
}
