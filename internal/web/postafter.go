package web

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

// places say per channel what stands where, or why not and what to do about it.
func (x *postDesk) places() []view.PostPlace {
	var out []view.PostPlace
	for _, ch := range sortedChannels(x.file.Channels) {
		if i := slices.IndexFunc(x.file.Variants, func(v post.Variant) bool { return v.Channel == ch.ID }); i >= 0 {
			out = append(out, x.place(x.file.Variants[i]))
		}
	}
	return out
}

func (x *postDesk) place(v post.Variant) view.PostPlace {
	ch := x.file.Channels[v.Channel]
	out := view.PostPlace{Net: string(ch.Network), Label: x.channelLabel(v.Channel), State: view.StateProps{Icon: "hourglass", Label: x.t("postpage.variant." + string(v.State))}}
	up, many := 0, 0
	for _, part := range v.Parts {
		if !part.Content.Comment {
			many++
		}
		if part.State == post.PartSent {
			up++
		}
	}
	switch v.State {
	case post.VarSent:
		out.State.Icon, out.State.Label = "check", x.t("postpage.variant.sent.at", "moment", x.moment(v.SentAt))
		if many > 1 {
			out.Detail = x.v.words.N("postpage.parts.up", many)
		}
	case post.VarGone, post.Stopped:
		out.State.Icon = "close"
	case post.VarFailed, post.VarHeld:
		out.State.Icon, out.State.Bad = "attention", true
	case post.Queued, post.VarSending:
		if up > 0 {
			out.Detail = x.v.words.N("postpage.parts.some", many, "up", x.v.words.Number(up))
		}
	}
	n := 0
	for _, part := range v.Parts {
		n++
		if part.State == post.PartSent && part.URL != "" {
			label := x.t("postpage.open", "channel", out.Label)
			if part.Content.Comment {
				label = x.t("postpage.comment.first")
			} else if many > 1 {
				label = x.t("postpage.part", "n", strconv.Itoa(n), "of", strconv.Itoa(many))
			}
			if href := webAddress(part.URL); href != "" {
				out.Links = append(out.Links, view.PostLink{Label: label, Href: href})
			}
		}
		if !part.EditedAt.IsZero() && part.State == post.PartSent {
			out.Detail = strings.TrimSpace(out.Detail + " " + x.t("postpage.part.edited", "moment", x.moment(part.EditedAt)))
		}
		x.partTrouble(&out, part)
	}
	return out
}

// partTrouble says what keeps a part, with the keys that put it right.
func (x *postDesk) partTrouble(out *view.PostPlace, part post.Part) {
	if part.Trouble == nil && part.State != post.PartFailed && part.State != post.PartUnconfirmed {
		return
	}
	if part.State == post.PartSent || part.State == post.PartGone || out.State.Cause != "" {
		return
	}
	out.State.Cause, out.State.Remedy = x.trouble(part.Trouble)
	out.State.Icon, out.State.Bad = "attention", true
	if part.State == post.PartUnconfirmed {
		out.State.Label, out.State.Remedy = x.t("postpage.part.unconfirmed"), x.t("postpage.part.unconfirmed.what")
	}
	if !x.file.May.Publish {
		return
	}
	at := x.base + "/parts/" + string(part.ID) + "/"
	key := func(verb, icon string) {
		k := x.asking(verb+"-"+string(part.ID), x.t("postpage.part."+verb), icon, at+verb, x.t("postpage.partsure."+verb), x.t("postpage.partwhat."+verb))
		if verb == "retry" {
			k.Ask = nil
		}
		out.Keys = append(out.Keys, k)
	}
	switch part.State {
	case post.PartFailed:
		key("retry", "refresh")
	case post.PartUnconfirmed:
		key("again", "send")
		key("giveup", "close")
	case post.PartSending:
		key("giveup", "close")
	}
}

// figures are what each channel brought at each age.
func (x *postDesk) figures() *view.PostFigures {
	if x.file.Post.SentAt.IsZero() && len(x.file.Results) == 0 {
		return nil
	}
	out := &view.PostFigures{}
	now := x.rooms.Clock.Now()
	sums := make([]int, len(post.Ages))
	read := make([]int, len(post.Ages)) // channels that were read
	for _, ch := range sortedChannels(x.file.Channels) {
		i := slices.IndexFunc(x.file.Variants, func(v post.Variant) bool { return v.Channel == ch.ID })
		if i < 0 || x.file.Variants[i].SentAt.IsZero() {
			continue
		}
		v := x.file.Variants[i]
		row := view.PostFigure{Net: string(ch.Network), Label: x.channelLabel(ch.ID)}
		for j, age := range post.Ages {
			cell := view.PostCell{Age: x.t("postpage.age." + string(age)), Wait: true}
			k := slices.IndexFunc(x.file.Results, func(r post.Result) bool { return r.Variant == v.ID && r.Age == age })
			switch {
			case k >= 0:
				cell.Text, cell.Wait = x.counted(x.file.Results[k].Counted), false
				sums[j] += answersOf(x.file.Results[k].Counted)
				read[j]++
			case ch.Sample: // no network is asked about it
				cell.Text = x.t("postpage.age.sample")
			case v.SentAt.Add(ageOf(age)).After(now):
				cell.Text = x.t("postpage.age.early", "moment", x.moment(v.SentAt.Add(ageOf(age))))
			default:
				cell.Text = x.t("postpage.age.unread")
			}
			if n, told := visitsAt(x.file.Visits, ch.ID, age); told {
				came := x.v.words.N("postpage.count.visits", int(n))
				if cell.Wait {
					cell.Text, cell.Wait = came, false
				} else {
					cell.Text += ", " + came
				}
			}
			row.Series = append(row.Series, cell)
		}
		row.Links = x.visitedOn(ch.ID)
		out.Rows = append(out.Rows, row)
	}
	if len(out.Rows) == 0 {
		return nil
	}
	x.drawFigures(out, sums, read)
	if len(x.file.Visits) > 0 {
		all := 0
		for _, v := range x.file.Visits {
			all += int(v.Visits)
		}
		out.Came = x.v.words.N("postpage.visits", all)
		if x.file.Series != nil {
			out.Came += " " + x.t("postpage.visits.series")
		}
	}
	return out
}

// visitsAt is how many came by a channel's links before the post was that old; told is false when it has none, or is not that old yet.
func visitsAt(all []post.Visited, ch network.ChannelID, age post.Age) (n int64, told bool) {
	for _, v := range all {
		if by, is := v.By[age]; is && v.Channel == ch {
			n, told = n+by, true
		}
	}
	return n, told
}

// visitedOn are the links of a channel with who came by each.
func (x *postDesk) visitedOn(ch network.ChannelID) (out []view.PostVisited) {
	for _, v := range x.file.Visits {
		if v.Channel != ch {
			continue
		}
		row := view.PostVisited{Address: shownAddress(v.Address), Target: shownAddress(v.Target), Visits: x.v.words.N("postpage.count.visits", int(v.Visits))}
		if x.v.actor.Can(team.LinksRead) {
			row.Href = view.PathLinks + "/" + v.Link
		}
		out = append(out, row)
	}
	return out
}

// drawFigures draws the sum of what people did at each age, and says it in words.
func (x *postDesk) drawFigures(out *view.PostFigures, sums, read []int) {
	top, last := 0, -1
	for j := range sums {
		top = max(top, sums[j])
		if read[j] > 0 {
			last = j
		}
	}
	if last < 0 {
		out.Lede = x.t("postpage.figures.early")
		return
	}
	age := x.t("postpage.age." + string(post.Ages[last]))
	out.Lede = x.v.words.N("postpage.figures.sum", sums[last], "age", age)
	if len(out.Rows) > 1 && read[last] < len(out.Rows) {
		out.Note = x.t("postpage.figures.some", "n", x.v.words.Number(read[last]), "of", x.v.words.Number(len(out.Rows)))
	}
	chart := &view.PostChart{}
	var said []string
	for j, a := range post.Ages {
		bar := view.PostBar{Label: x.t("postpage.short." + string(a)), Value: "–", Wait: read[j] == 0}
		if read[j] > 0 {
			bar.Value = x.v.words.Number(sums[j])
			if top > 0 {
				bar.Height = max(1, sums[j]*60/top)
			}
			said = append(said, x.t("postpage.age."+string(a))+": "+bar.Value)
		}
		chart.Bars = append(chart.Bars, bar)
	}
	chart.Label = x.t("postpage.figures.chart", "series", strings.Join(said, "; "))
	out.Chart = chart
}

func ageOf(a post.Age) time.Duration {
	switch a {
	case "1h":
		return time.Hour
	case "1d":
		return 24 * time.Hour
	case "7d":
		return 7 * 24 * time.Hour
	}
	return 30 * 24 * time.Hour
}

// counted says numbers; what a network does not tell is left out, which is not none.
func (x *postDesk) counted(c post.Counted) string {
	var out []string
	for _, n := range []struct {
		key string
		n   *int
	}{{"reactions", c.Reactions}, {"replies", c.Replies}, {"shares", c.Shares}, {"quotes", c.Quotes}, {"views", c.Views}} {
		if n.n != nil {
			out = append(out, x.v.words.N("postpage.count."+n.key, *n.n))
		}
	}
	if len(out) == 0 {
		return x.t("postpage.count.untold")
	}
	return strings.Join(out, ", ")
}

// answersOf is how many people did something, as far as it is told; who only saw it did nothing.
func answersOf(c post.Counted) (n int) {
	for _, v := range []*int{c.Reactions, c.Replies, c.Shares, c.Quotes} {
		if v != nil {
			n += *v
		}
	}
	return n
}

// saidUnder are the conversations under the post.
func (x *postDesk) saidUnder(out *view.PostSheet) error {
	if !x.v.actor.Can(team.InboxRead) {
		return nil
	}
	s := x.file.Said
	if s.Interactions == 0 {
		if x.file.Post.State == post.Sent {
			out.SaidNote = x.t("postpage.said.none")
		}
		return nil
	}
	var ids []audience.IdentityID
	for _, u := range s.Talks {
		ids = append(ids, u.Identity)
	}
	people, err := x.rooms.Audience.IdentitiesByID(x.ctx(), x.v.actor.Company, ids)
	if err != nil {
		return err
	}
	out.SaidNote = x.v.words.N("postpage.said.many", s.Interactions, "talks", x.v.words.N("postpage.said.talks", len(s.Talks)))
	for _, u := range s.Talks {
		row := view.PostSaid{
			Text: cutWords(withoutHail(u.Preview), 160),
			Byline: view.BylineProps{
				Net: string(x.file.Channels[u.Channel].Network), NetLabel: x.channelLabel(u.Channel), When: x.moment(u.Last), At: u.Last.UTC().Format(time.RFC3339),
				More: x.t("postpage.said.read"), MoreHref: view.PathInbox + "/" + string(u.Conversation),
			},
		}
		if u.State == inbox.Open {
			row.Tags = append(row.Tags, view.TagProps{Label: x.t("postpage.said.open"), Icon: "hourglass"})
		}
		if who, ok := people[u.Identity]; ok {
			row.Byline.Who, row.Byline.Name = &view.WhoProps{Name: who.Label(), Size: view.SizeSmall}, who.Label()
			if who.Person != "" && x.v.actor.Can(team.PeopleRead) {
				row.Byline.Href = pathPeople + "/" + string(who.Person)
			}
		}
		out.Said = append(out.Said, row)
	}
	return nil
}

// fixes are other words for what stands, or that it goes.
func (x *postDesk) fixes() []view.PostFix {
	var out []view.PostFix
	for _, c := range x.file.Corrections {
		row := view.PostFix{
			Title: x.t("postpage.fix."+string(c.Kind), "name", x.memberName(c.By), "when", x.moment(c.At)), State: x.t("postpage.fix.state." + string(c.State)),
			Error: x.state.error("fix-"+string(c.ID), "why"),
		}
		if c.Kind == post.Edited {
			row.Text = c.Written.Message.Text
		}
		cause, remedy := x.trouble(c.Trouble)
		row.Error = first(row.Error, strings.TrimSpace(cause+" "+remedy))
		if c.State == post.CorrectionPending && x.file.May.Approve {
			at := x.base + "/fixes/" + string(c.ID)
			row.YesURL, row.BackURL, row.Hash = at+"/approve", at+"/back", c.Hash
		}
		out = append(out, row)
	}
	return out
}
