package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

// showPostHistory shows the earlier states of a post, and what came too late.
func (w *Web) showPostHistory(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	x, err := d.openPost(post.ID(r.PathValue("id")), postState{})
	if err != nil {
		return err
	}
	pasts, err := w.rooms.Posts.History(r.Context(), d.v.actor, x.file.Post.ID)
	if err != nil {
		return err
	}
	p := d.postPage("postpage.page", "title", d.t("postpage.history"))
	out := view.PostHistory{
		Head:    view.PostHead{Crumb: x.title(), CrumbHref: x.base, Title: d.t("postpage.history"), Lede: d.t("postpage.history.lede")},
		Version: strconv.Itoa(x.file.Post.Version), Empty: d.t("postpage.history.none"),
	}
	for _, past := range pasts {
		out.Items = append(out.Items, x.past(past))
	}
	out.Delete = x.deleteKey()
	return w.show(rw, r, p, view.PostHistoryPage(p, out))
}

// deleteKey drops a post of which nothing went out.
func (x *postDesk) deleteKey() *view.PostKey {
	switch x.file.Post.State {
	case post.Draft, post.Pending, post.Approved:
	default:
		return nil
	}
	if !x.v.actor.Can(team.PostsWrite) {
		return nil
	}
	k := x.asking("delete", x.t("postpage.delete"), "close", x.base+"/delete", x.t("postpage.delete.sure"), x.t("postpage.delete.what"))
	return &k
}

func (x *postDesk) past(past post.Past) view.PostPast {
	out := view.PostPast{
		ID: string(past.ID), Aside: past.Aside, Title: x.t("postpage.past", "name", x.memberName(past.Member), "when", x.moment(past.At)), Changes: x.diffs(past.Written, x.file.Written),
		Note: x.t("postpage.past.now"),
	}
	if past.Aside {
		out.Title = x.t("postpage.past.aside", "name", x.memberName(past.Member), "when", x.moment(past.At))
		out.Note = x.t("postpage.past.aside.note")
		out.Changes = x.diffs(x.file.Written, past.Written)
	}
	if len(out.Changes) == 0 {
		out.Note = x.t("postpage.past.same")
		return out
	}
	if x.file.May.Write && !x.stands() {
		out.RestoreURL, out.Restore = x.base+"/restore", x.t("postpage.past.restore")
		if past.Aside {
			out.Restore = x.t("postpage.past.take")
		}
	}
	return out
}

// diffs say what is different in b from a, text by text.
func (x *postDesk) diffs(a, b post.Written) []view.PostDiff {
	var out []view.PostDiff
	add := func(label, a, b string) {
		if a != b {
			out = append(out, view.PostDiff{Label: label, Pieces: diffWords(a, b)})
		}
	}
	add("", a.Message.Text, b.Message.Text)
	add(x.t("postpage.title"), a.Message.Title, b.Message.Title)
	add(x.t("postpage.warning"), a.Message.Warning, b.Message.Warning)
	add(x.t("postpage.comment.first"), a.Message.FirstComment, b.Message.FirstComment)
	add(x.t("postpage.tags"), strings.Join(a.Message.Tags, " "), strings.Join(b.Message.Tags, " "))
	names := func(w post.Written) string {
		var out []string
		for _, ch := range sortedChannels(x.channels) {
			if slices.Contains(w.Channels, ch.ID) {
				out = append(out, x.channelLabel(ch.ID))
			}
		}
		return strings.Join(out, ", ")
	}
	add(x.t("postpage.channels"), names(a), names(b))
	alts := func(w post.Written) string {
		var out []string
		for _, m := range w.Message.Media {
			out = append(out, first(m.Alt, x.file.Files[m.ID].Name, x.t("component.media.image")))
		}
		return strings.Join(out, " · ")
	}
	add(x.t("postpage.own.files"), alts(a), alts(b))
	for _, ch := range sortedChannels(x.channels) {
		add(x.channelLabel(ch.ID), a.Own[ch.ID].Text, b.Own[ch.ID].Text)
	}
	return out
}

// changedSince says what changed since somebody last decided about the post.
func (x *postDesk) changedSince(out *view.PostApprove) error {
	var last *post.Decision
	for i, d := range x.file.Decisions {
		if d.Correction == "" && d.Hash != x.file.Post.Hash {
			last = &x.file.Decisions[i]
		}
	}
	if last == nil {
		return nil
	}
	pasts, err := x.rooms.Posts.History(x.ctx(), x.v.actor, x.file.Post.ID)
	if err != nil {
		return err
	}
	// What they decided about is the last state that was saved before.
	for _, past := range pasts {
		if past.Aside || past.At.After(last.At) {
			continue
		}
		out.Changed = x.diffs(past.Written, x.file.Written)
		break
	}
	name := first(last.Guest, x.memberName(last.Member))
	out.Since = x.t("postpage.changed.since", "name", name, "when", x.moment(last.At))
	if len(out.Changed) == 0 {
		out.Since = x.t("postpage.changed.little", "name", name, "when", x.moment(last.At))
	}
	return nil
}

// mostDiff bounds the words that are compared one by one; longer texts are shown as gone and new.
const mostDiff = 1200

// diffWords compares two texts word by word (longest common subsequence).
func diffWords(a, b string) []view.PostChange {
	x, y := words(a), words(b)
	if len(x) > mostDiff || len(y) > mostDiff {
		return compactDiff([]view.PostChange{{Text: a, Kind: "gone"}, {Text: b, Kind: "new"}})
	}
	common := make([][]int, len(x)+1)
	for i := range common {
		common[i] = make([]int, len(y)+1)
	}
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			if sameWord(x[i], y[j]) {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var out []view.PostChange
	i, j := 0, 0
	for i < len(x) || j < len(y) {
		switch {
		case i < len(x) && j < len(y) && sameWord(x[i], y[j]):
			word := x[i][:min(len(x[i]), len(y[j]))]
			out = append(out, view.PostChange{Text: word}, view.PostChange{Text: x[i][len(word):], Kind: "gone"}, view.PostChange{Text: y[j][len(word):], Kind: "new"})
			i, j = i+1, j+1
		case j == len(y) || i < len(x) && common[i+1][j] >= common[i][j+1]:
			out = append(out, view.PostChange{Text: x[i], Kind: "gone"})
			i++
		default:
			out = append(out, view.PostChange{Text: y[j], Kind: "new"})
			j++
		}
	}
	return compactDiff(out)
}

// sameWord tells that two words are the same; the last one of a text has no space behind it.
func sameWord(a, b string) bool {
	if a == b {
		return true
	}
	word := strings.TrimRightFunc(a, unicode.IsSpace)
	return word == strings.TrimRightFunc(b, unicode.IsSpace) && (a == word || b == word)
}

// compactDiff joins neighbours that look alike and drops what is empty.
func compactDiff(in []view.PostChange) []view.PostChange {
	var out []view.PostChange
	for _, c := range in {
		if c.Text == "" {
			continue
		}
		if n := len(out); n > 0 && out[n-1].Kind == c.Kind {
			out[n-1].Text += c.Text
			continue
		}
		out = append(out, c)
	}
	return out
}

// words cuts a text into words with the spaces behind them.
func words(s string) []string {
	var out []string
	start, space := 0, false
	for i, r := range s {
		if unicode.IsSpace(r) {
			space = true
			continue
		}
		if space {
			out = append(out, s[start:i])
			start, space = i, false
		}
	}
	if start < len(s) {
		out = append(out, s[start:])
	}
	return out
}
