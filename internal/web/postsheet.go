package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/schedule"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

// stateIcons are the shapes of where a post stands.
var stateIcons = map[post.State]string{
	post.Draft: "edit", post.Pending: "hourglass", post.Approved: "check", post.Planned: "clock", post.Held: "attention", post.Sending: "send", post.Sent: "check",
	post.Failed: "attention", post.Gone: "close",
}

// showSheet draws the page of a post that is not being written.
func (x *postDesk) showSheet(rw http.ResponseWriter, status int) error {
	p := x.postPage("postpage.page", "title", x.title())
	p.Topics = "posts:" + string(x.file.Post.ID) + " posts"
	out, err := x.sheet()
	if err != nil {
		return err
	}
	return x.showStatus(rw, x.r, status, p, view.PostSheetPage(p, out))
}

func (x *postDesk) sheet() (view.PostSheet, error) {
	f := x.file
	out := view.PostSheet{
		ID: string(f.Post.ID), LiveHref: x.base, Problem: x.state.problem, Previews: x.previews(), Comments: x.comments(),
		Head: view.PostHead{
			Crumb: x.t("shell.posts"), CrumbHref: view.PathPosts, Title: x.title(), Lede: x.sheetLede(),
			Tags: []view.TagProps{{Label: x.t("postpage.state." + string(f.Post.State)), Icon: stateIcons[f.Post.State]}},
		},
	}
	if !x.v.actor.Can(team.CompanyRead) {
		out.Head.Crumb, out.Head.CrumbHref = x.t("shell.today"), view.PathToday
	}
	x.sheetMenu(&out)
	out.Trouble = x.held()
	var err error
	if out.Approve, err = x.approve(); err != nil {
		return out, err
	}
	out.When = x.time(out.Approve != nil && out.Approve.YesURL != "")
	if x.stands() || f.Post.State == post.Held {
		out.Channels = x.places()
	}
	if x.stands() {
		out.Figures = x.figures()
		if out.Carried, err = x.carried(); err != nil {
			return out, err
		}
		if err := x.saidUnder(&out); err != nil {
			return out, err
		}
		out.Fixes = x.fixes()
	}
	if f.Post.State == post.Draft || f.Post.State == post.Pending || len(f.Guests) > 0 {
		out.Guests = x.guests()
	}
	if x.v.actor.Can(team.PostsWrite) {
		out.Copy = &view.PostCopy{URL: x.base + "/copy"}
	}
	out.Down = x.down()
	return out, nil
}

func (x *postDesk) sheetLede() string {
	f := x.file.Post
	return x.t("postpage.by", "name", x.memberName(f.CreatedBy), "when", x.moment(f.CreatedAt))
}

func (x *postDesk) sheetMenu(out *view.PostSheet) {
	f := x.file
	if f.May.Write && !x.stands() && f.Post.State != post.Draft {
		out.Head.Keys = append(out.Head.Keys, view.KeyProps{Label: x.t("postpage.change"), Icon: "edit", Letter: "e", Href: x.base + "/edit"})
	}
	if x.stands() && f.Post.State != post.Gone && f.May.Publish {
		out.Head.Keys = append(out.Head.Keys, view.KeyProps{Label: x.t("postpage.edit"), Icon: "edit", Letter: "e", Href: x.base + "/edit"})
	}
	if len(f.Decisions) > 0 || f.Post.Version > 1 || f.May.Write {
		out.Head.More = append(out.Head.More, view.ItemProps{Label: x.t("postpage.history"), Icon: "undo", Href: x.base + "/history"})
	}
}

// held says why a post waits for a person although its time has come.
func (x *postDesk) held() *view.PostTrouble {
	f := x.file
	now := x.rooms.Clock.Now()
	switch {
	case f.Post.State == post.Held:
		why := post.WhyLate
		for _, v := range f.Variants {
			if v.State == post.VarHeld && v.Why != "" {
				why = v.Why
			}
		}
		t := &view.PostTrouble{Title: x.t("postpage.held." + string(why)), Text: x.t("postpage.held.since", "moment", x.moment(f.Post.DueAt))}
		if f.May.Publish && f.Stop == nil {
			t.Keys = append(t.Keys, view.PostKey{Key: view.KeyProps{Label: x.t("postpage.release"), Icon: "send", Kind: view.KeyRed}, Action: x.base + "/release"})
		} else if f.Stop != nil {
			t.Text = x.t("postpage.paused", "name", x.memberName(f.Stop.By), "why", f.Stop.Why)
		}
		return t
	case f.Post.Missed(now):
		return &view.PostTrouble{Title: x.t("postpage.missed"), Text: x.t("postpage.missed.what", "moment", x.moment(f.Post.DueAt))}
	case f.Stop != nil && (f.Post.State == post.Planned || f.Post.State == post.Sending):
		return &view.PostTrouble{Title: x.t("postpage.stopped"), Text: x.t("postpage.paused", "name", x.memberName(f.Stop.By), "why", f.Stop.Why)}
	}
	return nil
}

// approve is the part about the yes: whose it needs, what was said, and the keys of whoever is next.
func (x *postDesk) approve() (*view.PostApprove, error) {
	f := x.file
	said := x.decisions()
	if f.Post.State != post.Pending && len(said) == 0 && len(f.Post.Wanted) == 0 {
		return nil, nil
	}
	out := &view.PostApprove{Title: x.t("postpage.approve.done"), Words: said, Done: f.Post.State != post.Pending && f.Post.State != post.Draft}
	if f.Post.State == post.Pending {
		out.Title = x.t("postpage.approve.waits", "name", x.memberName(f.Post.AskedBy), "when", x.moment(f.Post.AskedAt))
	} else if f.Post.State == post.Draft {
		out.Title = x.t("postpage.approve.before")
	}
	for i, s := range f.Post.Wanted {
		who := x.t("postpage.wanted.anybody")
		if s.Role != "" {
			who = x.t("team.role." + string(s.Role))
		}
		fact := view.Fact{Label: x.t("postpage.approve.whose"), Value: who}
		if len(f.Post.Wanted) > 1 {
			fact.Label = x.t("postpage.approve.step", "n", x.v.words.Number(i+1))
		}
		switch {
		case i < f.Given:
			fact.Icon, fact.Note = "check", x.t("postpage.approve.given")
		case i == f.Given && f.Post.State == post.Pending:
			fact.Icon, fact.Note = "hourglass", x.t("postpage.approve.next")
		}
		if i == f.Given && len(f.Asked) > 0 && f.Post.State == post.Pending {
			var names []string
			for _, m := range f.Asked {
				names = append(names, x.memberName(m))
			}
			fact.Note = x.t("postpage.confirm.asked", "names", strings.Join(names, ", "))
		}
		out.Steps = append(out.Steps, fact)
	}
	if f.Post.State != post.Pending {
		return out, nil
	}
	if err := x.changedSince(out); err != nil {
		return nil, err
	}
	if !f.May.Approve {
		return out, nil
	}
	out.BackURL, out.Hash = x.base+"/back", f.Post.Hash
	out.Why, out.Error = x.state.value("back", "why"), x.state.error("back", "why")
	next, err := x.mayBeNext()
	if err != nil {
		return nil, err
	}
	if next {
		out.YesURL = x.base + "/approve"
		out.Yes = view.KeyProps{Label: x.t("postpage.approve.do"), Icon: "approve", Kind: view.KeyRed, Big: true, Letter: "a"}
		if !f.Post.DueAt.IsZero() {
			out.Note = x.t("postpage.approve.then", "moment", x.moment(f.Post.DueAt))
		}
	} else {
		out.Note = x.t("postpage.approve.others")
	}
	return out, nil
}

// mayBeNext tells whether this member's yes is the next that is wanted.
func (x *postDesk) mayBeNext() (bool, error) {
	all, err := x.rooms.Posts.ToApprove(x.ctx(), x.v.actor)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(all, func(e post.Entry) bool { return e.Post.ID == x.file.Post.ID }), nil
}

func (x *postDesk) decisions() []view.PostComment {
	var out []view.PostComment
	for _, d := range x.file.Decisions {
		if d.Correction != "" {
			continue
		}
		row := view.PostComment{Who: x.memberWho(d.Member), Name: x.memberName(d.Member), When: x.moment(d.At)}
		if d.Guest != "" {
			row.Who, row.Name = view.WhoProps{Name: d.Guest}, x.t("postpage.guest.for", "name", d.Guest, "host", x.memberName(d.Member))
		}
		key := "postpage.said.no"
		if d.Yes {
			key = "postpage.said.yes"
			if !d.Counts {
				key = "postpage.said.thinks"
			}
		}
		row.Text = x.t(key)
		if d.Words != "" {
			row.Text += " " + x.t("postpage.said.words", "words", d.Words)
		}
		if d.Yes && !d.Valid {
			row.Text += " " + x.t("postpage.said.before")
		}
		out = append(out, row)
	}
	return out
}

// time says when it goes out and how that is changed. last tells that a red key stands above.
func (x *postDesk) time(red bool) *view.PostTime {
	f := x.file
	may := f.May.Publish
	out := &view.PostTime{Zone: zoneName(x.v.words, x.v.company.Zone), Error: first(x.state.error("move", "when"), x.state.error("move", "at"))}
	label := x.t("postpage.when.day")
	switch {
	case !f.Post.SentAt.IsZero():
		out.Facts = append(out.Facts, view.Fact{Label: x.t("postpage.when.out"), Value: x.moment(f.Post.SentAt)})
	case !f.Post.DueAt.IsZero():
		out.Facts = append(out.Facts, view.Fact{Label: label, Value: x.v.words.Day(f.Post.DueAt.In(x.zone)) + ", " + x.v.words.Clock(f.Post.DueAt.In(x.zone)), Note: x.zoneNote(f.Post.When, f.Post.DueAt)})
	case f.Post.When.Kind == post.Slot:
		out.Facts = append(out.Facts, view.Fact{Label: label, Value: x.t("postpage.when.slots")})
	case f.Post.When.Kind == post.Now:
		out.Facts = append(out.Facts, view.Fact{Label: label, Value: x.t("postpage.when.withyes")})
	default:
		out.Facts = append(out.Facts, view.Fact{Label: label, Value: x.t("postpage.when.none")})
	}
	if x.many() {
		for _, v := range f.Variants {
			if !v.DueAt.IsZero() && v.SentAt.IsZero() {
				out.Facts = append(out.Facts, view.Fact{Label: x.channelLabel(v.Channel), Value: x.moment(v.DueAt)})
			}
		}
	}
	if s := f.Series; s != nil && !s.Ended {
		out.Facts = append(out.Facts, view.Fact{Label: x.t("postpage.repeat"), Value: x.sayRule(s.Rule), Note: x.v.words.N("postpage.series.made", s.Made)})
		if may {
			out.Keys = append(out.Keys, x.asking("series", x.t("postpage.series.end"), "close", x.base+"/series/end", x.t("postpage.series.sure"), x.t("postpage.series.what"), view.PostHidden{Name: "series", Value: string(s.ID)}))
		}
	}
	if !may {
		return out
	}
	switch f.Post.State {
	case post.Pending, post.Approved, post.Planned, post.Held:
		out.MoveURL = x.base + "/move"
		at := x.now.Add(2 * time.Hour).Truncate(time.Hour)
		if !f.Post.DueAt.IsZero() {
			at = f.Post.DueAt
		}
		out.At = first(x.state.value("move", "at"), schedule.WallOf(at, x.zone).String())
	}
	if f.Post.State == post.Approved {
		key := view.PostKey{Key: view.KeyProps{Label: x.t("postpage.send.now"), Icon: "send"}, Action: x.base + "/now", Hidden: []view.PostHidden{{Name: "version", Value: strconv.Itoa(f.Post.Version)}}, Ask: &view.DialogProps{ID: "now-dialog", Title: x.t("postpage.send.sure"), Text: x.whatGoes() + " · " + x.whoSees()}, Sure: x.t("postpage.confirm.do.now")}
		if !red {
			key.Key.Kind = view.KeyRed
		}
		out.Keys = append(out.Keys, key)
	}
	if f.Post.State == post.Planned || f.Post.State == post.Held || f.Post.State == post.Sending {
		out.Keys = append(out.Keys, x.asking("cancel", x.t("postpage.cancel"), "close", x.base+"/cancel", x.t("postpage.cancel.sure"), x.t("postpage.cancel.what")))
	}
	if f.Post.State == post.Pending && x.v.actor.Can(team.PostsWrite) {
		out.Keys = append(out.Keys, view.PostKey{Key: view.KeyProps{Label: x.t("postpage.withdraw"), Icon: "undo"}, Action: x.base + "/withdraw"})
	}
	return out
}

// many tells that the channels go out at different moments.
func (x *postDesk) many() bool {
	var at time.Time
	for _, v := range x.file.Variants {
		if v.DueAt.IsZero() {
			continue
		}
		if !at.IsZero() && !at.Equal(v.DueAt) {
			return true
		}
		at = v.DueAt
	}
	return false
}

// asking is a key that asks before it does something.
func (x *postDesk) asking(id, label, icon, action, title, text string, hidden ...view.PostHidden) view.PostKey {
	return view.PostKey{
		Key: view.KeyProps{Label: label, Icon: icon}, Action: action, Hidden: hidden, Ask: &view.DialogProps{ID: id + "-dialog", Title: title, Text: text}, Sure: label,
	}
}

func (x *postDesk) guests() *view.PostGuests {
	out := &view.PostGuests{Made: x.state.made, Name: x.state.value("guest", "name")}
	if x.state.form == "guest" {
		out.Error = x.state.wrong
	}
	now := x.rooms.Clock.Now()
	if x.file.May.Publish && (x.file.Post.State == post.Draft || x.file.Post.State == post.Pending) {
		out.URL = x.base + "/guests"
		for _, n := range []int{1, 3, 7, 14, 30} {
			out.Days = append(out.Days, view.Option{Value: strconv.Itoa(n), Label: x.v.words.N("postpage.guest.for.days", n), Selected: n == 7})
		}
	}
	for _, g := range x.file.Guests {
		row := view.PostGuest{Name: g.Name}
		switch {
		case !g.WithdrawnAt.IsZero():
			row.State = x.t("postpage.guest.withdrawn", "when", x.moment(g.WithdrawnAt))
		case !g.UsedAt.IsZero():
			row.State = x.t("postpage.guest.used", "when", x.moment(g.UsedAt))
		case !g.Open(now):
			row.State = x.t("postpage.guest.over", "when", x.moment(g.ExpiresAt))
		case !g.SeenAt.IsZero():
			row.State = x.t("postpage.guest.seen", "when", x.moment(g.SeenAt), "until", x.moment(g.ExpiresAt))
		default:
			row.State = x.t("postpage.guest.unseen", "until", x.moment(g.ExpiresAt))
		}
		if g.Open(now) && x.file.May.Publish {
			row.DropURL = x.base + "/guests/" + string(g.ID) + "/drop"
		}
		out.Items = append(out.Items, row)
	}
	return out
}

// down offers to take down what stands where the network lets us.
func (x *postDesk) down() *view.PostDown {
	if !x.file.May.Publish {
		return nil
	}
	out := &view.PostDown{URL: x.base + "/down"}
	for _, v := range x.file.Variants {
		up := slices.ContainsFunc(v.Parts, func(p post.Part) bool { return p.State == post.PartSent })
		if !up {
			continue
		}
		out.Channels = append(out.Channels, view.CheckProps{Name: "channels", Value: string(v.Channel), Label: x.channelLabel(v.Channel), Checked: true})
	}
	if len(out.Channels) == 0 {
		return nil
	}
	return out
}
