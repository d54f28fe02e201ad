package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

// maxReplyForm is the size of a reply with its files, in bytes.
const maxReplyForm = 96 << 20

func (w *Web) inboxRoutes() {
	w.member("GET "+view.PathInbox, w.showInbox)
	w.member("GET "+view.PathInbox+"/waiting", w.showWaiting)
	w.member("GET "+view.PathInbox+"/list", w.showConversationList)
	w.member("GET "+view.PathInbox+"/filters", w.showFilters)
	w.member("POST "+view.PathInbox+"/picked", w.takePicked)
	w.member("GET "+view.PathInbox+"/{id}", w.showConversation)
	w.member("GET "+view.PathInbox+"/{id}/thread", w.showThread)
	w.member("GET "+view.PathInbox+"/{id}/others", w.showOthers)
	w.member("POST "+view.PathInbox+"/{id}/look", w.lookAgain)
	w.member("POST "+view.PathInbox+"/{id}/seen", w.seeMentions)
	w.member("POST "+view.PathInbox+"/{id}/writing", w.touchWriting)
	w.member("POST "+view.PathInbox+"/{id}/draft", w.saveDraft)
	w.member("POST "+view.PathInbox+"/{id}/assign", w.assign)
	w.member("POST "+view.PathInbox+"/{id}/label", w.labelConversation)
	w.member("POST "+view.PathInbox+"/{id}/snooze", w.snooze)
	w.member("POST "+view.PathInbox+"/{id}/done", w.finish)
	w.member("POST "+view.PathInbox+"/{id}/reopen", w.reopen)
	w.member("POST "+view.PathInbox+"/{id}/note", w.addNote)
	w.member("POST "+view.PathInbox+"/{id}/moderate", w.moderate)
	w.member("POST "+view.PathInbox+"/{id}/reply", w.reply, bodyUpTo(maxReplyForm))
	for verb := range w.replyVerbs() {
		w.member("POST "+pathReply+"{id}/"+verb, w.moveReply)
	}
}

// pathReply is where replies on their way are decided upon.
const pathReply = view.PathInbox + "/replies/"

// looking is how a member looks at the list: it stays in every address of the inbox.
type looking struct {
	view    inbox.View
	channel network.ChannelID
	label   string
	query   string
	after   string
	note    bool // the composer is for a note
}

func lookingOf(q url.Values) looking {
	return looking{
		view: inbox.View(q.Get("view")), channel: network.ChannelID(q.Get("channel")), label: q.Get("label"),
		query: strings.TrimSpace(q.Get("q")), after: q.Get("after"), note: q.Get("note") != "",
	}
}

// looked reads how a member looks from the request, or, for what was posted, from the page it was posted from.
func looked(r *http.Request) looking {
	if r.Method == http.MethodGet {
		return lookingOf(r.URL.Query())
	}
	from := r.Header.Get("HX-Current-URL")
	if from == "" {
		from = r.Referer()
	}
	if u, err := url.Parse(from); err == nil && strings.HasPrefix(u.Path, view.PathInbox) {
		return lookingOf(u.Query())
	}
	return looking{}
}

// at gives an address of the inbox with this way to look.
func (l looking) at(path string, more ...string) string {
	v := string(l.view)
	if l.view == inbox.ViewTodo {
		v = ""
	}
	q := query(append([]string{"view", v, "channel", string(l.channel), "label", l.label, "q", l.query}, more...)...)
	if q == "" {
		return path
	}
	return path + "?" + q
}

func (l looking) filter() inbox.Filter {
	f := inbox.Filter{View: l.view, Channel: l.channel, Label: l.label, Query: l.query, Cursor: l.after}
	if f.View == "" && (f.Query != "" || f.Channel != "" || f.Label != "") {
		// Who searches means everything, not only those who wait.
		f.View = inbox.ViewAll
	}
	return f
}

// desk is what the pages of the inbox need to draw, read once for a request.
type desk struct {
	*Web
	v        *visit
	r        *http.Request
	now      time.Time // in the zone of the reader
	zone     *time.Location
	look     looking
	channels map[network.ChannelID]network.Channel
	members  map[team.MemberID]team.Member
}

func (w *Web) desk(r *http.Request) (*desk, error) {
	if err := visitOf(r).actor.May(team.InboxRead); err != nil {
		return nil, err
	}
	return w.sideDesk(r)
}

// sideDesk is the desk for pages that decide by themselves who may open them: the same names, without the conversations.
func (w *Web) sideDesk(r *http.Request) (*desk, error) {
	v := visitOf(r)
	d := &desk{Web: w, v: v, r: r, zone: v.zone(), look: looked(r)}
	d.now = w.rooms.Clock.Now().In(d.zone)
	var err error
	if d.channels, err = w.rooms.Networks.ChannelsByID(r.Context(), v.actor.Company); err != nil {
		return nil, err
	}
	d.members, err = w.rooms.Team.MembersByID(r.Context(), v.actor.Company)
	return d, err
}

func (d *desk) ctx() context.Context { return d.r.Context() }

func (d *desk) t(key string, args ...any) string { return d.v.words.T(key, args...) }

// moment says when something was or will be.
func (d *desk) moment(t time.Time) string { return d.v.words.Moment(t.In(d.zone), d.now) }

// channelLabel names a channel: its network, and the account when there are several of that network.
func (d *desk) channelLabel(id network.ChannelID) string {
	ch := d.channels[id]
	for _, other := range d.channels {
		if other.ID != id && other.Network == ch.Network && other.State != network.Gone {
			return d.channelName(ch)
		}
	}
	return view.NetLabel(ch.Network)
}

// channelName names the account of a channel.
func (d *desk) channelName(ch network.Channel) string {
	return nameAmong(ch, sortedChannels(d.channels))
}

// nameAmong names the account of a channel; two of one name on a network are told apart by their handles.
func nameAmong(ch network.Channel, all []network.Channel) string {
	name := channelTitle(ch)
	for _, other := range all {
		if other.ID != ch.ID && other.Network == ch.Network && other.State != network.Gone && channelTitle(other) == name {
			return ch.Handle
		}
	}
	return name
}

func channelTitle(ch network.Channel) string {
	if ch.Name != "" {
		return ch.Name
	}
	return ch.Handle
}

// memberName is how colleagues call a member.
func (d *desk) memberName(id team.MemberID) string {
	m, ok := d.members[id]
	if !ok {
		return d.t("inboxpage.someone")
	}
	return firstWord(m.Name)
}

func (d *desk) memberWho(id team.MemberID) view.WhoProps {
	return view.WhoProps{Name: d.members[id].Name, Kind: view.WhoTeam}
}

func firstWord(s string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(s), " ")
	return first
}

// called is how one speaks to a person: the first word of a name, a handle as it is.
func called(i audience.Identity) string {
	if i.Name == "" {
		return i.Handle
	}
	return firstWord(i.Name)
}

// showWaiting gives the number in the rail.
func (w *Web) showWaiting(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	p := w.page(r, "", "")
	counts, err := w.rooms.Inbox.Counts(r.Context(), v.actor)
	if err != nil {
		return err
	}
	p.Waiting = counts.Views[inbox.ViewTodo]
	return w.render(rw, r, http.StatusOK, view.Waiting(p))
}

// showInbox is the list without a conversation.
func (w *Web) showInbox(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.desk(r)
	if err != nil {
		return err
	}
	p := d.page("inboxpage.title")
	v, err := d.inbox(p, "")
	if err != nil {
		return err
	}
	return w.show(rw, r, p, view.Inbox(p, v))
}

func (d *desk) page(title string, args ...any) view.Page {
	p := d.Web.page(d.r, view.RoomInbox, title, args...)
	p.Full, p.Topics = true, "inbox"
	return p
}

// showConversationList is the list by itself, for the page that reads it again.
func (w *Web) showConversationList(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.desk(r)
	if err != nil {
		return err
	}
	l, err := d.list(inbox.ConversationID(r.URL.Query().Get("open")))
	if err != nil {
		return err
	}
	return w.render(rw, r, http.StatusOK, view.ConversationList(d.page(""), l))
}

// showFilters is the column of views by itself.
func (w *Web) showFilters(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.desk(r)
	if err != nil {
		return err
	}
	f, err := d.filters()
	if err != nil {
		return err
	}
	return w.render(rw, r, http.StatusOK, view.InboxFilterList(d.page(""), f))
}

func (d *desk) inbox(p view.Page, open inbox.ConversationID) (out view.InboxPage, err error) {
	if out.Filters, err = d.filters(); err != nil {
		return out, err
	}
	out.List, err = d.list(open)
	return out, err
}

func (d *desk) filters() (view.InboxFilters, error) {
	counts, err := d.rooms.Inbox.Counts(d.ctx(), d.v.actor)
	if err != nil {
		return view.InboxFilters{}, err
	}
	labels, err := d.rooms.Inbox.Labels(d.ctx(), d.v.actor)
	if err != nil {
		return view.InboxFilters{}, err
	}
	f := view.InboxFilters{LiveHref: d.look.at(view.PathInbox + "/filters")}
	current := d.look.filter().View
	if current == "" {
		current = inbox.ViewTodo
	}
	plain := d.look.channel == "" && d.look.label == "" && d.look.query == ""
	todo, rest := view.FilterGroup{Title: d.t("inboxpage.todo")}, view.FilterGroup{Title: d.t("inboxpage.rest")}
	for _, v := range inbox.Views {
		n := counts.Views[v]
		// What rarely holds anything stands there only when it does.
		if n == 0 && (v == inbox.ViewTrouble || v == inbox.ViewApprove || v == inbox.ViewLate || v == inbox.ViewSnoozed) && current != v {
			continue
		}
		item := view.FilterItem{Label: d.t("inboxpage.view." + string(v)), Href: looking{view: v}.at(view.PathInbox), Current: v == current && plain}
		if v != inbox.ViewDone && v != inbox.ViewAll || n <= inbox.CountCap {
			item.Count = d.count(n)
		}
		switch v {
		case inbox.ViewWaiting, inbox.ViewSnoozed, inbox.ViewDone, inbox.ViewAll:
			rest.Items = append(rest.Items, item)
		default:
			todo.Items = append(todo.Items, item)
		}
	}
	if d.v.actor.Can(team.PeopleRead) {
		rest.Items = append(rest.Items, view.FilterItem{Label: d.t("peoplepage.title"), Icon: "people", Href: pathPeople})
	}
	f.Groups = append(f.Groups, todo, d.subjects(counts, current, plain), rest)
	channels := view.FilterGroup{Title: d.t("inboxpage.channels")}
	for _, ch := range sortedChannels(d.channels) {
		if ch.State == network.Gone && ch.ID != d.look.channel {
			continue
		}
		channels.Items = append(channels.Items, view.FilterItem{
			Label: d.channelLabel(ch.ID), Net: string(ch.Network), Count: d.count(counts.Channels[ch.ID]),
			Href: looking{channel: ch.ID}.at(view.PathInbox), Current: ch.ID == d.look.channel,
		})
	}
	if len(channels.Items) > 0 {
		f.Groups = append(f.Groups, channels)
	}
	words := view.FilterGroup{Title: d.t("inboxpage.labels")}
	for _, l := range labels {
		words.Items = append(words.Items, view.FilterItem{Label: l.Name, Icon: "label", Href: looking{label: l.ID}.at(view.PathInbox), Current: l.ID == d.look.label})
	}
	if len(words.Items) > 0 {
		f.Groups = append(f.Groups, words)
	}
	return f, nil
}

// subjectIcons are the shapes of what people write about.
var subjectIcons = map[inbox.View]string{inbox.ViewCriticism: "kind-critique", inbox.ViewDoubt: "kind-critique", inbox.ViewQuestion: "kind-question", inbox.ViewPraise: "kind-praise"}

// subjects are the views by what people write about.
func (d *desk) subjects(counts inbox.Counts, current inbox.View, plain bool) view.FilterGroup {
	g := view.FilterGroup{Title: d.t("inboxpage.subjects")}
	for _, v := range inbox.Subjects {
		n := counts.Views[v]
		if n == 0 && v == inbox.ViewDoubt && current != v {
			continue
		}
		g.Items = append(g.Items, view.FilterItem{
			Label: d.t("inboxpage.view." + string(v)), Icon: subjectIcons[v], Count: d.count(n), Href: looking{view: v}.at(view.PathInbox), Current: v == current && plain,
		})
	}
	return g
}

// count says a number as far as it was counted; nothing is said of none.
func (d *desk) count(n int) string {
	switch {
	case n == 0:
		return ""
	case n > inbox.CountCap:
		return d.t("inboxpage.more_than", "count", d.v.words.Number(inbox.CountCap))
	}
	return d.v.words.Number(n)
}

func (d *desk) list(open inbox.ConversationID) (view.ConvList, error) {
	f := d.look.filter()
	l, err := d.rooms.Inbox.List(d.ctx(), d.v.actor, f)
	if err != nil {
		return view.ConvList{}, err
	}
	shown := f.View
	if shown == "" {
		shown = inbox.ViewTodo
	}
	out := view.ConvList{
		Title: d.t("inboxpage.view." + string(shown)), LiveHref: d.look.at(view.PathInbox+"/list", "open", string(open)),
		Search: view.SearchProps{Action: view.PathInbox, Value: d.look.query, Label: d.t("inboxpage.search"), Hidden: map[string]string{}},
	}
	switch {
	case d.look.query != "":
		out.Title = d.v.words.N("inboxpage.found", len(l.Conversations))
		out.Note = d.t("inboxpage.found.for", "query", d.look.query)
		if l.Capped {
			out.Note = d.t("inboxpage.found.capped", "query", d.look.query)
		}
	case d.look.channel != "":
		out.Title = d.channelLabel(d.look.channel)
	case d.look.label != "":
		out.Title = d.t("inboxpage.labelled")
	case shown == inbox.ViewTodo || shown == inbox.ViewLate || shown == inbox.ViewUnassigned:
		out.Note = d.t("inboxpage.by_due")
	}
	for _, v := range slices.Concat(inbox.Views, inbox.Subjects) {
		out.Views = append(out.Views, view.Option{Value: looking{view: v}.at(view.PathInbox), Label: d.t("inboxpage.view." + string(v)), Selected: v == shown})
	}
	out.Picked = d.pickedBar()
	for _, c := range l.Conversations {
		out.Rows = append(out.Rows, d.row(c, l, open))
	}
	if l.Next != "" {
		out.More = view.MoreProps{
			Href: d.look.at(view.PathInbox, "after", l.Next), Label: d.t("inboxpage.more"), Target: "#conversations", Select: "#conversations > li",
		}
	}
	if shown == inbox.ViewTodo && l.Next == "" && d.look.after == "" && d.look.channel == "" && d.look.label == "" && d.look.query == "" {
		if out.After, err = d.answeredToday(open); err != nil {
			return out, err
		}
	}
	if len(out.Rows) == 0 && len(out.After) == 0 {
		d.empty(&out, shown)
	} else if len(out.Rows) == 0 {
		out.Title = d.t("inboxpage.nobody")
		out.Note = ""
	}
	return out, nil
}

// empty says why a list is empty: good news, or a first step.
func (d *desk) empty(l *view.ConvList, shown inbox.View) {
	switch {
	case d.look.query != "":
		l.Empty = &view.EmptyProps{Title: d.t("inboxpage.empty.search"), Text: d.t("inboxpage.empty.search.text")}
	case len(d.channels) == 0:
		l.Empty = &view.EmptyProps{Title: d.t("inboxpage.empty.channels"), Text: d.t("inboxpage.empty.channels.text")}
		if d.v.actor.Can(team.ChannelsManage) {
			l.EmptyKey = &view.KeyProps{Label: d.t("inboxpage.empty.channels.key"), Href: view.PathChannels + "/new"}
		}
	case shown == inbox.ViewTodo || shown == inbox.ViewLate || shown == inbox.ViewUnassigned:
		l.Empty = &view.EmptyProps{Title: d.t("inboxpage.nobody"), Text: d.t("inboxpage.nobody.text")}
		l.EmptyKey = &view.KeyProps{Label: d.t("inboxpage.see_all"), Href: looking{view: inbox.ViewAll}.at(view.PathInbox)}
	default:
		l.Empty = &view.EmptyProps{Title: d.t("inboxpage.empty"), Text: d.t("inboxpage.empty.text")}
	}
}

// answeredToday is how many of today's answers stand under those who wait.
const answeredToday = 10

func (d *desk) answeredToday(open inbox.ConversationID) ([]view.ConvRowProps, error) {
	l, err := d.rooms.Inbox.List(d.ctx(), d.v.actor, inbox.Filter{View: inbox.ViewWaiting, Limit: answeredToday})
	if err != nil {
		return nil, err
	}
	var out []view.ConvRowProps
	for _, c := range l.Conversations {
		if sameDay(c.LastOutAt.In(d.zone), d.now) {
			out = append(out, d.row(c, l, open))
		}
	}
	return out, nil
}

func sameDay(a, b time.Time) bool {
	ay, am, ad := a.Date()
	by, bm, bd := b.Date()
	return ay == by && am == bm && ad == bd
}

// row draws a conversation of the list.
func (d *desk) row(c inbox.Conversation, l inbox.List, open inbox.ConversationID) view.ConvRowProps {
	who := l.Identities[c.Identity]
	row := view.ConvRowProps{
		ID: "row-" + string(c.ID), Href: d.look.at(view.PathInbox + "/" + string(c.ID)), Who: view.WhoProps{Name: who.Label()}, Name: who.Label(),
		Said: withoutHail(c.Preview), Net: string(d.channels[c.Channel].Network), NetNote: view.NetLabel(d.channels[c.Channel].Network), Current: c.ID == open,
		Done: c.State == inbox.Done || c.State == inbox.Waiting, Target: "#talk", CaseURL: d.caseURL(c.ID), At: c.LastAt.In(d.zone).Format(time.RFC3339),
	}
	if d.pickedBar() != nil {
		row.Pick = string(c.ID)
	}
	if row.Said == "" {
		row.Said, row.Ours = d.t("inboxpage.no_words"), true
	}
	row.When, row.Urgent = d.when(c)
	if c.Assignee != "" {
		row.Taken = &view.WhoProps{Name: d.members[c.Assignee].Name, Kind: view.WhoTeam, Size: view.SizeSmall, Title: d.t("inboxpage.taken_by", "name", d.memberName(c.Assignee))}
	}
	row.Tags = d.tags(c, l.Labels[c.ID])
	if c.Private {
		row.Private = d.t("inboxpage.tag.private")
	}
	return row
}

// when says how long there is, or when something was last said.
func (d *desk) when(c inbox.Conversation) (words string, urgent bool) {
	switch {
	case c.State == inbox.Snoozed && !c.SnoozedUntil.IsZero():
		return d.t("inboxpage.until", "day", d.v.words.ShortDate(c.SnoozedUntil.In(d.zone), d.now)), false
	case c.State == inbox.Open && !c.DueAt.IsZero() && c.Late(d.now):
		return d.t("inboxpage.late_by", "span", d.v.words.Span(short(d.now.Sub(c.DueAt)))), true
	case c.State == inbox.Open && !c.DueAt.IsZero():
		left := c.DueAt.Sub(d.now)
		return d.v.words.Span(short(left)), left*4 <= d.v.company.Settings.Target.Std()
	}
	at := c.LastAt.In(d.zone)
	if sameDay(at, d.now) {
		return d.v.words.Clock(at), false
	}
	return d.v.words.ShortDate(at, d.now), false
}

// short leaves the minutes out where they no longer matter.
func short(d time.Duration) time.Duration {
	if d >= 3*time.Hour {
		return d.Truncate(time.Hour)
	}
	return d.Truncate(time.Minute)
}

// tags gives at most two labels: what needs somebody first.
func (d *desk) tags(c inbox.Conversation, labels []inbox.Label) []view.TagProps {
	var out []view.TagProps
	if c.Trouble {
		out = append(out, view.TagProps{Label: d.t("inboxpage.tag.trouble"), Icon: "attention", Kind: view.TagLate})
	}
	if c.Pending {
		out = append(out, view.TagProps{Label: d.t("inboxpage.tag.pending"), Icon: "approve", Kind: view.TagLate})
	}
	if t, ok := d.subjectTag(c); ok {
		out = append(out, t)
	}
	for _, l := range labels {
		out = append(out, view.TagProps{Label: l.Name, Icon: "label"})
	}
	if k := kindIcon(c.Kind); k != "" && len(out) == 0 {
		out = append(out, view.TagProps{Label: d.t("inboxpage.kind." + string(c.Kind)), Icon: k})
	}
	if len(out) > 1 && len([]rune(out[0].Label+out[1].Label)) > tagRoom {
		return out[:1]
	}
	return out[:min(2, len(out))]
}

// tagRoom is how many letters two labels may have beside the network's name.
const tagRoom = 14

// withoutHail leaves out the names that a text begins with: on some networks every answer starts with who is meant.
func withoutHail(s string) string {
	rest := strings.TrimSpace(s)
	for strings.HasPrefix(rest, "@") {
		_, after, ok := strings.Cut(rest, " ")
		if !ok {
			return s
		}
		rest = strings.TrimSpace(after)
	}
	return rest
}

func kindIcon(k network.ItemKind) string {
	switch k {
	case network.KindMention:
		return "kind-mention"
	case network.KindReply, network.KindComment:
		return "chat"
	case network.KindQuote:
		return "link"
	case network.KindReview:
		return "star"
	}
	return ""
}

func sortedChannels(m map[network.ChannelID]network.Channel) []network.Channel {
	out := make([]network.Channel, 0, len(m))
	for _, id := range sortedIDs(m) {
		out = append(out, m[id])
	}
	return out
}
