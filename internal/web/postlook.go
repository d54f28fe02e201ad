package web

import (
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/ponte-desk/ponte/internal/adapt"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
	"github.com/ponte-desk/ponte/internal/web/view"
)

// errKinds are what a form can put right.
var errKinds = []fault.Kind{fault.Invalid, fault.Conflict}

// foldsAt is about where a network folds a text behind a word that says "more", in characters. Networks do not tell it, and it changes with
// the screen; those that are not here show all of it.
var foldsAt = map[network.Name]int{"instagram": 125, "linkedin": 210, "facebook": 480, "google": 250, "youtube": 300, "pinterest": 150}

// longestStop keeps the ruler readable: a network that allows more has no stop.
const longestStop = 5000

func (x *postDesk) look() view.PostLook {
	out := view.PostLook{Ruler: x.ruler(), Advice: x.advice(), Doubts: x.doubts(), Track: x.track()}
	if x.blankPage() {
		out.Empty = x.t("postpage.previews.blank")
		return out
	}
	if out.Previews = x.previews(); len(out.Previews) == 0 {
		out.Empty = x.t("postpage.previews.none")
	}
	if len(out.Advice) == 0 && len(out.Doubts) == 0 && strings.TrimSpace(x.file.Written.Message.Text) != "" {
		out.Fine = x.t("postpage.fine")
	}
	return out
}

// track offers to have the visits of links counted, where there are some that go out somewhere else than on a page of the company's own.
func (x *postDesk) track() view.PostTrack {
	w := x.file.Written
	out := view.PostTrack{On: w.Message.Track}
	away := slices.ContainsFunc(w.Channels, func(id network.ChannelID) bool { return x.channels[id].Network != network.Site })
	if n := len(w.Addresses()); n > 0 && away {
		out.Label, out.Hint = x.v.words.N("postpage.track", n), x.t("postpage.track.hint")
		if out.On {
			out.Hint = x.t("postpage.track.on")
			if w.Message.Campaign != "" {
				out.Hint = x.t("postpage.track.on.campaign", "campaign", w.Message.Campaign)
			}
		}
	}
	return out
}

func (x *postDesk) ruler() *view.PostRuler {
	out := &view.PostRuler{Used: text.Graphemes(x.file.Written.Message.Text)}
	var ends []string
	for _, ch := range sortedChannels(x.channels) {
		if !slices.Contains(x.file.Written.Channels, ch.ID) {
			continue
		}
		if _, limit := adapt.Measure(adapt.Network(ch.Network), "", ch.Limits.Characters); limit > 0 && limit <= longestStop {
			out.Stops = append(out.Stops, view.PostStop{Label: x.channelLabel(ch.ID), At: limit})
			ends = append(ends, x.t("postpage.ruler.stop", "channel", x.channelLabel(ch.ID), "limit", x.v.words.Number(limit)))
		}
	}
	if len(out.Stops) == 0 {
		return nil
	}
	out.Label = x.v.words.N("postpage.ruler", out.Used, "ends", strings.Join(ends, ", "))
	return out
}

func (x *postDesk) advice() []view.PostAdvice {
	var out []view.PostAdvice
	for _, a := range x.file.Advice {
		body := x.file.Written.Message.Text
		if a.Channel != "" {
			body = x.file.Written.Own[a.Channel].Text
		}
		row := view.PostAdvice{Level: string(a.Level), Title: x.t(a.Key, a.Args)}
		if a.Channel != "" && slices.ContainsFunc(out, func(o view.PostAdvice) bool { return o.Title == row.Title && o.Where == "" }) {
			continue // said of the message already
		}
		if x.v.words.Has(a.Key + ".remedy") {
			row.Remedy = x.t(a.Key+".remedy", a.Args)
		}
		if a.Channel != "" {
			row.Where = x.t("postpage.advice.in", "channel", x.channelLabel(a.Channel))
		}
		if a.End > a.Start && a.End <= len(body) {
			row.Words = cutWords(body[a.Start:a.End], 120)
			if strings.Contains(row.Title, row.Words) {
				row.Words = "" // said already
			}
			if a.Channel == "" {
				row.From, row.To = utf16At(body, a.Start), utf16At(body, a.End)
			}
		}
		out = append(out, row)
	}
	// What is easily wrong stands before hints, whatever text it is about.
	slices.SortStableFunc(out, func(a, b view.PostAdvice) int {
		return levelRank(a.Level) - levelRank(b.Level)
	})
	return out
}

func levelRank(level string) int {
	if level == "look" {
		return 0
	}
	return 1
}

// utf16At is how browsers count a place in a text.
func utf16At(s string, at int) int { return len(utf16.Encode([]rune(s[:min(at, len(s))]))) }

func (x *postDesk) doubts() []view.PostDoubt {
	var out []view.PostDoubt
	for _, d := range x.file.Doubts {
		row := view.PostDoubt{Mark: d.Mark, Text: x.t(d.Key, d.Args), Shown: d.Shown}
		if !x.v.actor.Can(team.PostsWrite) {
			row.Mark = ""
		}
		if d.By != "" {
			row.By = x.t("postpage.doubt.by", "name", x.memberName(d.By), "when", x.moment(d.At))
		}
		out = append(out, row)
	}
	return out
}

// blankPage tells that nothing is written yet: then there is nothing to say about it.
func (x *postDesk) blankPage() bool {
	w := x.file.Written
	return strings.TrimSpace(w.Message.Text) == "" && len(w.Message.Media) == 0 && len(w.Own) == 0
}

// notes say what adapting did to a variant.
func (x *postDesk) notes(v post.Variant) []view.PostNote {
	var out []view.PostNote
	if x.blankPage() {
		return nil
	}
	for _, n := range v.Fitted.Notes {
		row := view.PostNote{Level: string(n.Level), Text: x.t(n.Key, n.Args)}
		if x.v.words.Has(n.Key + ".remedy") {
			row.Remedy = x.t(n.Key+".remedy", n.Args)
		}
		if n.Media >= 0 && len(x.file.Written.Message.Media) > 1 {
			row.Text = x.t("postpage.note.file", "number", x.v.words.Number(n.Media+1), "text", row.Text)
		}
		if !slices.Contains(out, row) {
			out = append(out, row)
		}
	}
	return out
}

// partCounts say how long each part is, as the network counts.
func (x *postDesk) partCounts(ch network.Channel, v post.Variant) []view.PostCount {
	var out []view.PostCount
	for _, part := range v.Fitted.Parts {
		out = append(out, x.partCount(part.Length, part.Limit))
	}
	if len(out) == 0 {
		for _, c := range v.Contents {
			if !c.Comment {
				out = append(out, x.partCount(adapt.Measure(adapt.Network(ch.Network), c.Text, ch.Limits.Characters)))
			}
		}
	}
	if len(out) > 1 {
		for i := range out {
			out[i].Label = x.t("postpage.part", "n", x.v.words.Number(i+1), "of", x.v.words.Number(len(out)))
		}
	}
	return out
}

func (x *postDesk) partCount(used, limit int) view.PostCount {
	c := view.PostCount{Used: x.v.words.Number(used), Over: limit > 0 && used > limit}
	if limit > 0 {
		c.Of = x.t("postpage.of", "limit", x.v.words.Number(limit))
	}
	return c
}

func (x *postDesk) previews() []view.PostPreview {
	var out []view.PostPreview
	for _, ch := range sortedChannels(x.file.Channels) {
		if i := slices.IndexFunc(x.file.Variants, func(v post.Variant) bool { return v.Channel == ch.ID }); i >= 0 {
			out = append(out, x.previewOf(ch, x.file.Variants[i]))
		}
	}
	return out
}

func (x *postDesk) previewOf(ch network.Channel, v post.Variant) view.PostPreview {
	out := view.PostPreview{
		ID: string(ch.ID), Net: string(ch.Network), Label: x.channelLabel(ch.ID), Layout: view.PostLayout(ch.Network), Name: channelTitle(ch), Handle: view.PostHandle(ch),
		Counts: x.partCounts(ch, v), Notes: x.notes(v), More: x.t("postpage.more.word"),
	}
	n, whole := 0, true
	for _, c := range v.Contents {
		part := x.partOf(ch, c)
		if c.Comment {
			out.Comment = append(out.Comment, part)
			continue
		}
		if n < len(out.Counts) {
			part.Count = out.Counts[n]
		}
		whole = whole && c.Text == strings.TrimSpace(x.file.Written.Message.Text)
		n++
		out.Parts = append(out.Parts, part)
	}
	switch {
	case v.Own != nil:
		out.Tag = view.TagProps{Label: x.t("postpage.tag.own"), Icon: "edit"}
	case n > 1:
		out.Tag = view.TagProps{Label: x.t("postpage.tag.split")}
	case whole && n == 1:
		out.Tag = view.TagProps{Label: x.t("postpage.tag.same")}
	default:
		out.Tag = view.TagProps{Label: x.t("postpage.tag.adapted")}
	}
	return out
}

func (x *postDesk) partOf(ch network.Channel, c post.Content) view.PostPart {
	part := view.PostPart{Title: c.Title, Warning: c.Warning}
	pieces := view.PostPieces(c.Text, c.Facets, adapt.RulesOf(adapt.Network(ch.Network)).FacetUnit)
	part.Text, part.Rest = foldPieces(pieces, foldsAt[ch.Network])
	part.Card = view.PostCardOf(c, "/media/", "?size=large")
	for _, m := range c.Media {
		i := slices.IndexFunc(x.file.Written.Message.Media, func(f post.Media) bool { return string(f.ID) == m.MediaID })
		img := view.PostImage{Alt: m.Alt}
		if i >= 0 {
			f := x.file.Written.Message.Media[i]
			img.Focus = view.PostFocus(m.FocusX, m.FocusY)
			if x.thumb(f.ID) != "" {
				img.Src, img.Crop = "/media/"+m.MediaID+"?size=large", view.PostCropOf(x.file.Files[f.ID], m.Form)
			} else {
				img.Film, img.Alt = true, first(m.Alt, x.file.Files[f.ID].Name)
			}
		}
		part.Files = append(part.Files, img)
	}
	return part
}

// foldPieces puts behind the fold what stands after so many characters, at a space; 0 folds nothing.
func foldPieces(pieces []view.PostPiece, most int) (shown, rest []view.PostPiece) {
	left := most
	for i, p := range pieces {
		n := utf8.RuneCountInString(p.Text)
		if most == 0 || n <= left {
			left -= n
			shown = append(shown, p)
			continue
		}
		head := string([]rune(p.Text)[:left])
		if sp := strings.LastIndexByte(head, ' '); sp > 0 {
			head = head[:sp]
		}
		if head != "" {
			shown = append(shown, view.PostPiece{Text: head, Kind: p.Kind})
		}
		rest = append(rest, view.PostPiece{Text: p.Text[len(head):], Kind: p.Kind})
		return shown, append(rest, pieces[i+1:]...)
	}
	return shown, nil
}
