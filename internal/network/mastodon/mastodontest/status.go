package mastodontest

import (
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rivo/uniseg"
)

type status struct {
	id, text, spoiler, visibility, language, key string
	author                                       *account
	replyTo                                      string
	replyToAccount                               string
	thread                                       string // id of the first status
	mentions                                     []*account
	media                                        []*file
	quote                                        *status
	likes, shares                                map[string]bool // account ids
	at, edited                                   time.Time
	gone, sensitive                              bool
}

type file struct {
	id, kind, mime, description string
	focus                       string // "x,y", as it was told
	owner                       *account
	on                          *status // nil: attached to none
	data                        []byte
	width, height               int
	working                     int // how many more times it is not ready
}

// talk is one side of a private conversation.
type talk struct {
	id     string
	owner  *account
	with   []*account
	thread string
	last   *status
	unread bool
	hidden bool
}

// draft is what someone wants to post.
type draft struct {
	text, spoiler, visibility, language, replyTo, key string
	media                                             []string
	quote                                             *status
	sensitive                                         bool
}

// refusal is an answer that is not 200.
type refusal struct {
	code int
	text string
}

var (
	mentionRE = regexp.MustCompile(`@([A-Za-z0-9_]+(?:[.-]+[A-Za-z0-9_]+)*)(?:@([\pL\pN.:-]*[\pL\pN]))?`)
	linkRE    = regexp.MustCompile(`https?://[^\s<>"]+`)
)

// length counts as the server does. On Mastodon links are 23 and mentions lose their server; it goes word by word,
// another way than the client does.
func (s *Server) length(text string) int {
	if s.opts.GoToSocial {
		return len([]rune(text))
	}
	n := 0
	for i, word := range strings.FieldsFunc(strings.ReplaceAll(text, "\n", "\n "), func(r rune) bool { return r == ' ' }) {
		if i > 0 {
			n++
		}
		if strings.HasSuffix(word, "\n") {
			n-- // the space was ours
		}
		word = linkRE.ReplaceAllString(word, strings.Repeat("x", 23))
		word = mentionRE.ReplaceAllString(word, "@$1")
		n += uniseg.GraphemeClusterCount(word)
	}
	// Several spaces in a row are lost above.
	for _, run := range regexp.MustCompile(` {2,}`).FindAllString(text, -1) {
		n += len(run) - 1
	}
	return n
}

// post carries out what an account wants to post. The lock is held.
func (s *Server) post(by *account, d draft) (*status, *refusal) {
	d.text = strings.TrimSpace(d.text)
	bad := 422
	if s.opts.GoToSocial {
		bad = 400
	}
	if d.key != "" && !s.opts.GoToSocial && !s.opts.IgnoreKey {
		if x := s.statuses[s.keys[by.id+"\x00"+d.key]]; x != nil && !x.gone {
			return x, nil
		}
	}
	files, no := s.valid(by, nil, d)
	if no != nil {
		return nil, no
	}
	if d.visibility == "" {
		d.visibility = s.defaultVisibility()
	}
	if !slices.Contains([]string{"public", "unlisted", "private", "direct"}, d.visibility) {
		return nil, &refusal{bad, "Validation failed: Visibility is not included in the list"}
	}
	x := &status{
		id: s.newID(), text: d.text, spoiler: strings.TrimSpace(d.spoiler), visibility: d.visibility, language: d.language,
		author: by, at: s.now(), key: d.key, quote: d.quote, sensitive: d.sensitive, likes: map[string]bool{}, shares: map[string]bool{},
	}
	x.thread = x.id
	if d.replyTo != "" {
		p := s.statuses[d.replyTo]
		if p == nil || p.gone || !s.visible(p, by) {
			if s.opts.GoToSocial {
				return nil, &refusal{400, "Bad Request: cannot reply to status that does not exist"}
			}
			return nil, &refusal{404, "The post you are trying to reply to does not appear to exist."}
		}
		x.replyTo, x.replyToAccount, x.thread = p.id, p.author.id, p.thread
	}
	for _, f := range files {
		f.on = x
		x.media = append(x.media, f)
	}
	x.mentions = s.mentioned(x.text)
	s.statuses[x.id] = x
	s.order = append(s.order, x)
	if d.key != "" {
		s.keys[by.id+"\x00"+d.key] = x.id
	}
	s.spread(x)
	return x, nil
}

// valid checks the words and the files of a status, old or new. The lock is held.
func (s *Server) valid(by *account, old *status, d draft) ([]*file, *refusal) {
	bad := 422
	if s.opts.GoToSocial {
		bad = 400
	}
	switch {
	case d.text == "" && len(d.media) == 0:
		return nil, &refusal{bad, "Validation failed: Text can't be blank"}
	case s.length(d.text)+s.length(d.spoiler) > s.opts.Characters:
		return nil, &refusal{bad, "Validation failed: Text character limit exceeded"}
	case len(d.media) > s.maxMedia():
		return nil, &refusal{bad, "Cannot attach more than 4 files"}
	}
	var files []*file
	for _, id := range d.media {
		f := s.files[id]
		if f == nil || f.owner != by || f.on != nil && f.on != old {
			return nil, &refusal{bad, "Validation failed: file not found"}
		}
		if f.working > 0 {
			return nil, &refusal{422, "Cannot attach files that have not finished processing. Try again in a moment!"}
		}
		files = append(files, f)
	}
	for _, f := range files {
		if f.kind == "video" && len(files) > 1 {
			return nil, &refusal{bad, "Cannot attach a video to a post that already contains images"}
		}
	}
	return files, nil
}

func (s *Server) maxMedia() int {
	if s.opts.GoToSocial {
		return 6
	}
	return 4
}

func (s *Server) defaultVisibility() string {
	if s.opts.GoToSocial {
		return "unlisted"
	}
	return "public"
}

// mentioned gives the accounts of this server that a text names. The lock is held.
func (s *Server) mentioned(text string) []*account {
	var out []*account
	for _, m := range mentionRE.FindAllStringSubmatch(linkRE.ReplaceAllString(text, " "), -1) {
		if m[2] != "" && !strings.EqualFold(m[2], s.domain()) {
			continue
		}
		if a := s.byName(m[1]); a != nil && !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}

// spread tells those whom a new status concerns. The lock is held.
func (s *Server) spread(x *status) {
	for _, a := range x.mentions {
		if a != x.author {
			s.notify(a, "mention", x.author, x)
		}
	}
	if x.visibility == "direct" {
		who := append([]*account{x.author}, x.mentions...)
		for _, a := range who {
			s.converse(a, who, x)
		}
	}
	s.broadcast("update", x, func(a *account) bool {
		return a == x.author || x.author.followers[a.id] && x.visibility != "direct" && (x.replyTo == "" || x.replyToAccount == a.id)
	})
}

// converse files a private status into the conversation of one of its people. The lock is held.
func (s *Server) converse(owner *account, who []*account, x *status) {
	var with []*account
	for _, a := range who {
		if a != owner && !slices.Contains(with, a) {
			with = append(with, a)
		}
	}
	slices.SortFunc(with, func(a, b *account) int { return strings.Compare(a.id, b.id) })
	var t *talk
	for _, have := range s.talks {
		if have.owner == owner && have.thread == x.thread && slices.Equal(have.with, with) {
			t = have
		}
	}
	if t == nil {
		t = &talk{id: s.newID(), owner: owner, with: with, thread: x.thread}
		s.talks = append(s.talks, t)
	}
	if t.last == nil || older(t.last.id, x.id) {
		t.last = x
	}
	t.hidden, t.unread = false, x.author != owner
	s.send(owner, "direct", "conversation", s.talkJSON(t))
}

// notify puts a notification into an account's list. The lock is held.
func (s *Server) notify(to *account, kind string, from *account, x *status) {
	n := &notice{id: s.noticeID(), kind: kind, from: from, status: x, at: s.now()}
	if s.opts.GoToSocial {
		n.at = n.at.Truncate(time.Second)
	}
	to.notices = append(to.notices, n)
	s.send(to, "user", "notification", s.noticeJSON(n, to))
}

// visible tells whether an account may read a status. The lock is held.
func (s *Server) visible(x *status, a *account) bool {
	switch {
	case x.visibility == "public" || x.visibility == "unlisted", x.author == a, a != nil && slices.Contains(x.mentions, a):
		return true
	case x.visibility == "private":
		return a != nil && x.author.followers[a.id]
	default:
		return false
	}
}

// erase deletes a status. The lock is held.
func (s *Server) erase(x *status) {
	x.gone = true
	for _, y := range s.order {
		if y.replyTo == x.id {
			y.replyTo, y.replyToAccount = "", ""
		}
	}
	for _, a := range s.accounts {
		a.notices = slices.DeleteFunc(a.notices, func(n *notice) bool { return n.status == x })
	}
	for _, t := range s.talks {
		if t.last == x {
			t.last = nil
			for _, y := range s.order {
				if !y.gone && y.thread == t.thread && y.visibility == "direct" && s.visible(y, t.owner) && (t.last == nil || older(t.last.id, y.id)) {
					t.last = y
				}
			}
		}
	}
	s.talks = slices.DeleteFunc(s.talks, func(t *talk) bool { return t.last == nil })
	for st := range s.streams {
		if s.concerned(st.account, x) {
			st.send("user", "delete", x.id)
		}
	}
}

func (s *Server) concerned(a *account, x *status) bool {
	return a == x.author || slices.Contains(x.mentions, a) || x.author.followers[a.id] || x.replyToAccount == a.id
}

// edit changes the words of a status. The lock is held.
func (s *Server) edit(x *status, text string) {
	d := draft{text: text, spoiler: x.spoiler, language: x.language, sensitive: x.sensitive}
	for _, f := range x.media {
		d.media = append(d.media, f.id)
	}
	s.rewrite(x, d, nil)
}

// rewrite puts other words and files into a status. What stays as it was leaves no trace. The lock is held.
func (s *Server) rewrite(x *status, d draft, about []attributes) *refusal {
	d.text, d.spoiler = strings.TrimSpace(d.text), strings.TrimSpace(d.spoiler)
	files, no := s.valid(x.author, x, d)
	if no != nil {
		return no
	}
	changed := x.text != d.text || x.spoiler != d.spoiler || !slices.Equal(x.media, files)
	for _, a := range about {
		f := s.files[a.ID]
		if s.opts.OldEdit || f == nil || !slices.Contains(files, f) {
			continue
		}
		if x, y := point(a.Focus); f.description != a.Description || (x != 0 || y != 0 || f.focus != "") && f.focus != a.Focus {
			f.description, f.focus, changed = a.Description, a.Focus, true
		}
	}
	if !changed && (d.language == "" || d.language == x.language) {
		return nil
	}
	for _, f := range x.media {
		f.on = nil
	}
	for _, f := range files {
		f.on = x
	}
	x.text, x.spoiler, x.media, x.sensitive, x.edited = d.text, d.spoiler, files, d.sensitive, s.now()
	if d.language != "" {
		x.language = d.language
	}
	for _, a := range s.mentioned(x.text) {
		if !slices.Contains(x.mentions, a) {
			x.mentions = append(x.mentions, a)
		}
	}
	s.broadcast("status.update", x, func(a *account) bool { return s.concerned(a, x) })
	return nil
}

// attributes are what an edit says about a file that is there already.
type attributes struct {
	ID, Description, Focus string
}

// point reads a focus.
func point(s string) (x, y float64) {
	a, b, _ := strings.Cut(s, ",")
	x, _ = strconv.ParseFloat(a, 64)
	y, _ = strconv.ParseFloat(b, 64)
	return x, y
}

// content renders a text the way Mastodon does. The lock is held.
func (s *Server) content(x *status) string {
	var b strings.Builder
	for _, par := range regexp.MustCompile(`\n{2,}`).Split(x.text, -1) {
		b.WriteString("<p>")
		for i, line := range strings.Split(par, "\n") {
			if i > 0 {
				b.WriteString("<br />")
			}
			b.WriteString(s.line(line))
		}
		b.WriteString("</p>")
	}
	return b.String()
}

func (s *Server) line(line string) string {
	var b strings.Builder
	for line != "" {
		l, m := linkRE.FindStringIndex(line), mentionRE.FindStringSubmatchIndex(line)
		switch {
		case l != nil && (m == nil || l[0] <= m[0]):
			b.WriteString(html.EscapeString(line[:l[0]]))
			b.WriteString(anchor(line[l[0]:l[1]]))
			line = line[l[1]:]
		case m != nil:
			b.WriteString(html.EscapeString(line[:m[0]]))
			word, name := line[m[0]:m[1]], line[m[2]:m[3]]
			a := s.byName(name)
			if a == nil || m[4] >= 0 && !strings.EqualFold(line[m[4]:m[5]], s.domain()) {
				b.WriteString(html.EscapeString(word))
			} else {
				b.WriteString(`<span class="h-card" translate="no"><a href="` + html.EscapeString(s.url+"/@"+a.name) + `" class="u-url mention">@<span>` + html.EscapeString(a.name) + `</span></a></span>`)
			}
			line = line[m[1]:]
		default:
			b.WriteString(html.EscapeString(line))
			line = ""
		}
	}
	return b.String()
}

// anchor shows a link the way Mastodon shortens it: the whole address is in the text, part of it hidden.
func anchor(u string) string {
	scheme, rest, _ := strings.Cut(u, "://")
	shown, hidden := rest, ""
	if r := []rune(rest); len(r) > 30 {
		shown, hidden = string(r[:30]), string(r[30:])
	}
	class := ""
	if hidden != "" {
		class = "ellipsis"
	}
	e := html.EscapeString
	return `<a href="` + e(u) + `" target="_blank" rel="nofollow noopener" translate="no"><span class="invisible">` + e(scheme) +
		`://</span><span class="` + class + `">` + e(shown) + `</span><span class="invisible">` + e(hidden) + `</span></a>`
}

const stamp = "2006-01-02T15:04:05.000Z"

func (s *Server) accountJSON(a *account) map[string]any {
	return map[string]any{
		"id": a.id, "username": a.name, "acct": a.name, "display_name": a.display, "locked": a.locked, "bot": a.bot,
		"discoverable": true, "group": false, "created_at": a.created.Format("2006-01-02T00:00:00.000Z"), "note": "", "url": s.url + "/@" + a.name,
		"uri": s.url + "/users/" + a.name, "avatar": s.url + "/avatars/original/missing.png", "avatar_static": s.url + "/avatars/original/missing.png",
		"header": s.url + "/headers/original/missing.png", "header_static": s.url + "/headers/original/missing.png",
		"followers_count": len(a.followers), "following_count": 0, "statuses_count": 0, "last_status_at": nil, "emojis": []any{}, "fields": []any{},
	}
}

func (s *Server) statusJSON(x *status, viewer *account) map[string]any {
	media, mentions := []any{}, []any{}
	for _, f := range x.media {
		media = append(media, s.fileJSON(f))
	}
	for _, a := range x.mentions {
		mentions = append(mentions, map[string]any{"id": a.id, "username": a.name, "url": s.url + "/@" + a.name, "acct": a.name})
	}
	replies := 0
	for _, y := range s.order {
		if y.replyTo == x.id && !y.gone {
			replies++
		}
	}
	out := map[string]any{
		"id": x.id, "created_at": x.at.Format(stamp), "edited_at": nil, "in_reply_to_id": null(x.replyTo),
		"in_reply_to_account_id": null(x.replyToAccount), "sensitive": x.sensitive || x.spoiler != "", "spoiler_text": x.spoiler, "visibility": x.visibility,
		"language": null(x.language), "uri": s.url + "/users/" + x.author.name + "/statuses/" + x.id, "url": s.url + "/@" + x.author.name + "/" + x.id,
		"replies_count": replies, "reblogs_count": len(x.shares), "favourites_count": len(x.likes), "content": s.content(x), "reblog": nil,
		"account": s.accountJSON(x.author), "media_attachments": media, "mentions": mentions, "tags": []any{}, "emojis": []any{}, "card": nil, "poll": nil,
	}
	if !x.edited.IsZero() {
		out["edited_at"] = x.edited.Format(stamp)
	}
	if x.quote != nil && !x.quote.gone {
		out["quote"] = map[string]any{"state": "accepted", "quoted_status": s.statusJSON(x.quote, viewer)}
	}
	if !s.opts.GoToSocial {
		quotes := 0
		for _, y := range s.order {
			if y.quote == x && !y.gone {
				quotes++
			}
		}
		out["quotes_count"] = quotes
	}
	if viewer != nil {
		out["favourited"], out["reblogged"], out["muted"], out["bookmarked"] = x.likes[viewer.id], x.shares[viewer.id], false, false
	}
	if s.opts.GoToSocial {
		out["content_type"], out["text"] = "text/plain", x.text
	}
	return out
}

func (s *Server) fileJSON(f *file) map[string]any {
	u := s.url + "/system/media_attachments/" + f.id
	out := map[string]any{
		"id": f.id, "type": f.kind, "url": u, "preview_url": u, "remote_url": nil, "preview_remote_url": nil, "text_url": nil,
		"description": null(f.description), "blurhash": nil,
	}
	meta := map[string]any{"original": map[string]any{"width": f.width, "height": f.height}}
	if f.focus != "" {
		x, y := point(f.focus)
		meta["focus"] = map[string]any{"x": x, "y": y}
	}
	out["meta"] = meta
	if f.working > 0 {
		out["url"] = nil
	}
	return out
}

func (s *Server) noticeJSON(n *notice, viewer *account) map[string]any {
	out := map[string]any{"id": n.id, "type": n.kind, "created_at": n.at.Format(stamp), "account": s.accountJSON(n.from)}
	if n.status != nil {
		out["status"] = s.statusJSON(n.status, viewer)
	}
	return out
}

func (s *Server) talkJSON(t *talk) map[string]any {
	with := []any{}
	for _, a := range t.with {
		with = append(with, s.accountJSON(a))
	}
	return map[string]any{"id": t.id, "unread": t.unread, "accounts": with, "last_status": s.statusJSON(t.last, t.owner)}
}

func null(v string) any {
	if v == "" {
		return nil
	}
	return v
}
