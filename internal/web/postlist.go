package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

func (w *Web) postListRoutes() {
	at := view.PathPosts
	w.member("GET "+at, w.showPosts)
	w.member("GET "+at+"/stop", w.showStop)
	w.member("POST "+at+"/pause", w.pausePosts)
	w.member("POST "+at+"/resume", w.resumePosts)
}

// troublesShown is how much trouble stands above the list.
const troublesShown = 6

// postTabs are the pages of the room that the reader may open.
func (d *desk) postTabs(current string) []view.Tab {
	tabs := []view.Tab{{Label: d.t("postlist.tab.list"), Href: view.PathPosts}, {Label: d.t("postlist.tab.calendar"), Href: view.PathCalendar}}
	if d.v.actor.Can(team.PostsRead) {
		tabs = append(tabs, view.Tab{Label: d.t("postlist.tab.settings"), Href: view.PathPostSettings})
	}
	for i := range tabs {
		tabs[i].Current = tabs[i].Href == current
	}
	return tabs
}

// stop says that everything is paused, for the banner; nil when it is not or is nothing to this member.
func (w *Web) stop(r *http.Request, back string) *view.PostsStop {
	v := visitOf(r)
	if w.rooms.Posts == nil || !v.actor.Can(team.PostsRead) {
		return nil
	}
	s, err := w.rooms.Posts.Paused(r.Context(), v.actor)
	if err != nil {
		// A page is of use without it; what is paused stays paused.
		w.rooms.Log.WarnContext(r.Context(), "web: whether posts are paused", "error", err, "request", v.id)
		return nil
	}
	if s == nil {
		return nil
	}
	who := v.words.T("postlist.stop.somebody")
	if m, err := w.rooms.Team.Member(r.Context(), v.actor, s.By); err == nil {
		who = m.Name
	}
	now := w.rooms.Clock.Now().In(v.zone())
	return &view.PostsStop{
		Text: v.words.T("postlist.stop", "moment", v.words.Moment(s.At.In(v.zone()), now), "name", who), Why: "«" + s.Why + "»",
		Note: v.words.T("postlist.stop.note"), Resume: v.actor.Can(team.PostsPublish), Back: back,
	}
}

// showStop draws the banner anew, or takes it away.
func (w *Web) showStop(rw http.ResponseWriter, r *http.Request) error {
	if err := visitOf(r).actor.May(team.PostsRead); err != nil {
		return err
	}
	back := safeBack(r.URL.Query().Get("back"))
	p := w.page(r, view.RoomPosts, "")
	p.Path = back
	return w.render(rw, r, http.StatusOK, view.StopBanner(p, w.stop(r, back)))
}

func (w *Web) pausePosts(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	err = w.rooms.Posts.Pause(r.Context(), d.v.actor, r.PostFormValue("why"))
	if pr, ok := w.wrong(rw, r, err, fault.Invalid, fault.Conflict); ok {
		s := listState{problem: &view.TroubleProps{Title: pr.Text, Remedy: pr.Remedy}, status: pr.Status, why: r.PostFormValue("why")}
		if pr.Fields["why"] != "" {
			s.whyWrong = pr.Fields["why"]
			s.problem = nil
		}
		return d.postsPage(rw, s)
	} else if err != nil {
		return err
	}
	return d.done(rw, r, backOr(r, view.PathPosts), "postlist.paused")
}

func (w *Web) resumePosts(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	err = w.rooms.Posts.Resume(r.Context(), d.v.actor)
	if pr, ok := w.wrong(rw, r, err, fault.Conflict); ok {
		return d.postsPage(rw, listState{problem: &view.TroubleProps{Title: pr.Text, Remedy: pr.Remedy}, status: pr.Status})
	} else if err != nil {
		return err
	}
	return d.done(rw, r, backOr(r, view.PathPosts), "postlist.resumed")
}

// backOr is the page from which a form came, if it said so.
func backOr(r *http.Request, other string) string {
	if back := r.PostFormValue("back"); back != "" {
		return safeBack(back)
	}
	return other
}

// listState is what an answer to a form adds to the list.
type listState struct {
	problem  *view.TroubleProps
	status   int
	why      string
	whyWrong string
}

func (w *Web) showPosts(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	return d.postsPage(rw, listState{status: http.StatusOK})
}

// listFilter reads what is to be seen from an address.
func (d *desk) listFilter() (f post.Filter, state string, err error) {
	q := d.r.URL.Query()
	if d.r.Method != http.MethodGet {
		q = nil
	}
	state = q.Get("state")
	f = post.Filter{Channel: network.ChannelID(q.Get("channel")), Mine: q.Get("mine") != "", Trouble: q.Get("trouble") != "", Cursor: q.Get("after")}
	if state != "" {
		if !slices.Contains(post.States, post.State(state)) {
			return f, "", fault.New(fault.Invalid, "web.filter.unknown")
		}
		f.States = []post.State{post.State(state)}
	}
	if _, ok := d.channels[f.Channel]; f.Channel != "" && !ok {
		return f, "", fault.New(fault.Invalid, "web.filter.unknown")
	}
	return f, state, nil
}

func (d *desk) postsPage(rw http.ResponseWriter, s listState) error {
	f, state, err := d.listFilter()
	if err != nil {
		return err
	}
	l, err := d.rooms.Posts.List(d.ctx(), d.v.actor, f)
	if err != nil {
		return err
	}
	q := func(state string, mine, trouble bool, ch, after string) string {
		yes := map[bool]string{true: "1"}
		s := query("state", state, "mine", yes[mine], "trouble", yes[trouble], "channel", ch, "after", after)
		if s == "" {
			return view.PathPosts
		}
		return view.PathPosts + "?" + s
	}
	reads := d.v.actor.Can(team.PostsRead)
	out := view.PostsPage{
		LiveHref: q(state, f.Mine, f.Trouble, string(f.Channel), f.Cursor), Lede: d.t("postlist.lede"), Tabs: d.postTabs(view.PathPosts), Problem: s.problem,
		Import: d.v.actor.Can(team.PostsWrite),
	}
	if !reads {
		out.Lede = d.t("postlist.lede.shared")
	} else {
		out.Export = view.PathPosts + "/export.csv?" + query("state", state, "channel", string(f.Channel), "mine", map[bool]string{true: "1"}[f.Mine])
	}
	p := d.postPage("postlist.title")
	p.Topics = "posts"
	if d.v.actor.Can(team.PostsPublish) && p.Stop == nil {
		out.Pause = &view.PostPause{Back: out.LiveHref, Why: s.why, Error: s.whyWrong}
	}
	if err := d.waits(&out); err != nil {
		return err
	}
	var counts post.Counts
	if reads {
		if counts, err = d.rooms.Posts.Counts(d.ctx(), d.v.actor); err != nil {
			return err
		}
		out.Chips = d.postChips(counts, state, f, q)
	}
	for _, ch := range d.postChannels() {
		out.Channels = append(out.Channels, view.ItemProps{Label: d.channelName(ch), Note: view.NetLabel(ch.Network), Href: q(state, f.Mine, f.Trouble, string(ch.ID), ""), Current: ch.ID == f.Channel})
	}
	if f.Channel != "" {
		out.Channel = d.channelName(d.channels[f.Channel])
		out.Channels = append(out.Channels, view.ItemProps{Label: d.t("postlist.channels"), Href: q(state, f.Mine, f.Trouble, "", "")})
	}
	for _, e := range l.Entries {
		out.Rows = append(out.Rows, d.postRow(e))
	}
	if l.Next != "" {
		out.Next = view.MoreProps{Href: q(state, f.Mine, f.Trouble, string(f.Channel), l.Next), Label: d.t("postlist.next"), Target: "#post-rows", Select: "#post-rows > li"}
	}
	if d.v.actor.Can(team.PostsWrite) {
		out.New = &view.KeyProps{Label: d.t("postlist.new"), Icon: "edit", Letter: "n", Href: view.PathPosts + "/new"}
	}
	if len(l.Entries) == 0 {
		d.noPosts(&out, counts, f)
	}
	return d.showStatus(rw, d.r, s.status, p, view.Posts(p, out))
}

// noPosts says why there is nothing: a filter, or a first step.
func (d *desk) noPosts(out *view.PostsPage, counts post.Counts, f post.Filter) {
	n := 0
	for _, c := range counts.States {
		n += c
	}
	switch {
	case n > 0 || f.Cursor != "":
		out.Empty = &view.EmptyProps{Title: d.t("postlist.empty.filter"), Text: d.t("postlist.empty.filter.text")}
		out.EmptyKey = &view.KeyProps{Label: d.t("postlist.see_all"), Href: view.PathPosts}
	case !d.v.actor.Can(team.PostsRead):
		out.Empty = &view.EmptyProps{Title: d.t("postlist.empty.shared"), Text: d.t("postlist.empty.shared.text")}
	case len(d.postChannels()) == 0:
		out.Empty = &view.EmptyProps{Title: d.t("postlist.empty"), Text: d.t("postlist.empty.nowhere")}
		if d.v.actor.Can(team.ChannelsManage) {
			out.EmptyKey = &view.KeyProps{Label: d.t("postlist.empty.connect"), Icon: "channels", Kind: view.KeyRed, Href: view.PathChannels}
		}
	default:
		out.Empty = &view.EmptyProps{Title: d.t("postlist.empty"), Text: d.t("postlist.empty.text")}
		if out.New != nil {
			out.EmptyKey = &view.KeyProps{Label: d.t("postlist.empty.key"), Icon: "edit", Kind: view.KeyRed, Href: out.New.Href}
		}
	}
}

func (d *desk) postChips(c post.Counts, state string, f post.Filter, q func(state string, mine, trouble bool, ch, after string) string) []view.Chip {
	count := func(n int) string {
		switch {
		case n == 0:
			return ""
		case n > post.CountCap:
			return d.t("postlist.many", "count", d.v.words.Number(post.CountCap))
		}
		return d.v.words.Number(n)
	}
	ch := string(f.Channel)
	chips := []view.Chip{{Label: d.t("postlist.see_all"), Href: q("", false, false, ch, ""), Current: state == "" && !f.Mine && !f.Trouble}}
	if d.v.actor.Member != "" {
		chips = append(chips, view.Chip{Label: d.t("postlist.mine"), Href: q("", true, false, ch, ""), Current: f.Mine})
	}
	for _, s := range post.States {
		if c.States[s] == 0 && string(s) != state {
			continue
		}
		chips = append(chips, view.Chip{Label: d.t("postlist.state." + string(s)), Href: q(string(s), false, false, ch, ""), Count: count(c.States[s]), Current: string(s) == state})
	}
	if c.Trouble > 0 || f.Trouble {
		chips = append(chips, view.Chip{Label: d.t("postlist.troubled"), Href: q("", false, true, ch, ""), Count: count(c.Trouble), Current: f.Trouble})
	}
	return chips
}

// postTitle is how a post is called in lists.
func (d *desk) postTitle(e post.Entry) string { return cmp.Or(e.Preview, d.t("postlist.untitled")) }

func (d *desk) postNets(ids []network.ChannelID) []view.PostNet {
	var out []view.PostNet
	for _, ch := range sortedChannels(d.channels) {
		if slices.Contains(ids, ch.ID) {
			out = append(out, view.PostNet{Net: string(ch.Network), Label: d.channelLabel(ch.ID)})
		}
	}
	return out
}

func (d *desk) postRow(e post.Entry) view.PostRow {
	x := e.Post
	r := view.PostRow{
		Icon: stateIcons[x.State], Title: cutWords(d.postTitle(e), 140), Href: postPath(x.ID), State: d.t("postpage.state." + string(x.State)),
		Nets: d.postNets(e.Channels), Late: x.Trouble || x.State == post.Held || x.State == post.Failed || e.Missed,
	}
	switch {
	case e.Missed:
		r.Icon, r.State = "attention", d.t("postlist.missed")
	case x.Trouble && x.State == post.Sent:
		r.Icon, r.State = "attention", d.t("postlist.troubled.sent")
	}
	switch {
	case !x.SentAt.IsZero():
		r.Notes = append(r.Notes, d.moment(x.SentAt))
	case !x.DueAt.IsZero() && x.DueAt.Before(d.now) && x.State != post.Sending:
		r.Notes = append(r.Notes, d.t("postlist.due.past", "moment", d.moment(x.DueAt)))
	case !x.DueAt.IsZero():
		r.Notes = append(r.Notes, d.t("postlist.due", "moment", d.moment(x.DueAt)))
	case x.When.Kind == post.Slot:
		r.Notes = append(r.Notes, d.t("postlist.due.slot"))
	default:
		r.Notes = append(r.Notes, d.t("postlist.saved", "moment", d.moment(x.SavedAt)))
	}
	if x.Series != "" {
		r.Notes = append(r.Notes, d.t("postlist.series"))
	}
	if x.Back != "" && x.State == post.Draft {
		r.Notes = append(r.Notes, d.t("postlist.back"))
	}
	if x.CreatedBy != "" {
		r.Notes = append(r.Notes, d.memberName(x.CreatedBy))
	}
	return r
}

// toApprove is a post, or other words for one that stands, that waits for this member's yes.
func (d *desk) toApprove(e post.Entry) view.PostRow {
	r := d.postRow(e)
	r.Late, r.Icon = false, "approve"
	who, at := e.Post.AskedBy, e.Post.AskedAt
	r.State = d.t("postlist.asks", "name", d.memberName(who), "moment", d.moment(at))
	if e.Correction != nil {
		r.State = d.t("postlist.asks.correction", "name", d.memberName(e.Correction.By), "moment", d.moment(e.Correction.At))
	}
	r.Notes = nil
	if !e.Post.DueAt.IsZero() && e.Correction == nil {
		r.Notes = append(r.Notes, d.t("postlist.due", "moment", d.moment(e.Post.DueAt)))
		if e.Missed {
			r.Notes, r.Late = []string{d.t("postlist.missed")}, true
		}
	}
	return r
}

// waits puts first what waits for the member: a yes, what is held, what is in trouble. One key of the page is red.
func (d *desk) waits(out *view.PostsPage) error {
	all, err := d.rooms.Posts.ToApprove(d.ctx(), d.v.actor)
	if err != nil {
		return err
	}
	for i, e := range all {
		r := d.toApprove(e)
		r.Key = &view.KeyProps{Label: d.t("postlist.read"), Href: r.Href + "#approve"}
		if i == 0 {
			r.Key.Kind = view.KeyRed
		}
		out.Approve = append(out.Approve, r)
	}
	if !d.v.actor.Can(team.PostsRead) {
		return nil
	}
	ts, err := d.rooms.Posts.Troubled(d.ctx(), d.v.actor)
	if err != nil {
		return err
	}
	rows := d.troubles(ts)
	for _, r := range rows[:min(len(rows), troublesShown)] {
		if len(out.Approve)+len(out.Trouble) == 0 && len(r.Keys) > 0 {
			r.Keys[0].Key.Kind = view.KeyRed
		}
		out.Trouble = append(out.Trouble, r)
	}
	if n := len(rows) - troublesShown; n > 0 {
		out.More = d.v.words.N("postlist.trouble.more", n)
	}
	return nil
}

// troubles says what is wrong post by post: channels with the same cause stand together.
func (d *desk) troubles(ts []post.Trouble) []view.PostWait {
	type group struct {
		first    post.Trouble
		channels []string
	}
	var groups []*group
	at := map[string]*group{}
	for _, t := range ts {
		state := ""
		if t.Part != nil {
			state = string(t.Part.State)
		}
		key := strings.Join([]string{string(t.Entry.Post.ID), string(t.Kind), state, t.Cause.Key}, "\x00")
		if t.Correction != nil {
			key += string(t.Correction.ID)
		}
		g := at[key]
		if g == nil {
			g = &group{first: t}
			at[key] = g
			groups = append(groups, g)
		}
		if t.Channel != "" {
			if name := d.channelLabel(t.Channel); !slices.Contains(g.channels, name) {
				g.channels = append(g.channels, name)
			}
		}
	}
	var out []view.PostWait
	for _, g := range groups {
		out = append(out, d.trouble(g.first, strings.Join(g.channels, ", ")))
	}
	return out
}

// trouble says what is wrong with a post, why and what helps.
func (d *desk) trouble(t post.Trouble, channels string) view.PostWait {
	x := t.Entry.Post
	kind := string(t.Kind)
	if t.Kind == post.TroublePart && t.Part != nil && t.Part.State == post.PartUnconfirmed {
		kind = "unconfirmed"
	}
	since := t.Cause.Since
	if since.IsZero() {
		since = cmp.Or(x.DueAt, x.At)
	}
	w := view.PostWait{
		Title: d.t("postlist.trouble."+kind, "channels", cmp.Or(channels, d.t("postlist.trouble.somewhere")), "moment", d.moment(since)),
		Post:  "«" + cutWords(d.postTitle(t.Entry), 110) + "»",
	}
	if t.Cause.Key != "" {
		w.Text, w.Remedy = d.t(t.Cause.Key, t.Cause.Args), d.t(t.Cause.Key+".remedy", t.Cause.Args)
	}
	if t.Kind == post.TroubleHeld && t.Part != nil && t.Part.Trouble != nil && t.Part.Trouble.Key != t.Cause.Key {
		w.Text += " " + d.t(t.Part.Trouble.Key, t.Part.Trouble.Args)
	}
	key := view.KeyProps{Label: d.t("postlist.trouble.look"), Href: postPath(x.ID)}
	if t.Kind == post.TroubleHeld && d.v.actor.Can(team.PostsPublish) {
		key.Label = d.t("postlist.trouble.decide")
	}
	w.Keys = append(w.Keys, view.PostKey{Key: key})
	return w
}

// todayPosts lists posts that wait for this member's yes, are held or in trouble.
func (d *desk) todayPosts(t *view.Today) error {
	all, err := d.rooms.Posts.ToApprove(d.ctx(), d.v.actor)
	if err != nil {
		return err
	}
	for _, e := range all[:min(len(all), postsToday)] {
		r := d.toApprove(e)
		t.Approve = append(t.Approve, view.TodayApprove{Icon: "publish", Title: r.Title, Href: r.Href + "#approve", Notes: append([]string{d.t("todaypage.post"), r.State}, r.Notes...)})
	}
	if !d.v.actor.Can(team.PostsRead) {
		return nil
	}
	ts, err := d.rooms.Posts.Troubled(d.ctx(), d.v.actor)
	if err != nil {
		return err
	}
	rows := d.troubles(ts)
	for _, r := range rows[:min(len(rows), postsToday)] {
		row := view.TodayTrouble{Title: r.Title, Text: strings.TrimSpace(r.Post + " " + r.Text), Remedy: r.Remedy}
		if len(r.Keys) > 0 {
			row.Key, row.Href = r.Keys[0].Key.Label, r.Keys[0].Key.Href
		}
		t.Trouble = append(t.Trouble, row)
	}
	if n := len(rows) - postsToday; n > 0 {
		t.TroubleMore = d.v.words.N("postlist.trouble.more", n)
	}
	return nil
}

// postsToday is how many posts that need somebody stand on the page of today.
const postsToday = 3
