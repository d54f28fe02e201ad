package adapt

import (
	"cmp"
	"fmt"
	"strings"
)

// Fit makes of a message what goes to one network. The same message and target always give the same variant.
func Fit(m Message, t Target) Variant {
	rules := RulesOf(t.Network)
	if t.Max > 0 {
		if rules.Caption > 0 {
			rules.Caption = min(rules.Caption, t.Max)
		}
		rules.Max = t.Max
	}
	if t.Literal {
		rules.literal()
	}
	if t.Media != nil {
		rules.Media = *t.Media
	}
	b := &builder{rules: &rules, target: &t}
	b.tags = tagger{habit: rules.Tags, apart: rules.TagsApart, most: rules.MaxTags, long: rules.TagLength}
	if t.Tags != AsUsual {
		b.tags.habit = t.Tags
	}
	text, spans := b.body(m)
	v := Variant{Network: t.Network}
	parts, fits := b.parts(text, spans, m)
	v.Parts, v.Fits = parts, fits
	b.head(&v, m, text)
	b.media(&v, m)
	b.say(&v, m)
	v.Notes = b.notes
	return v
}

// body writes the text with its signature and its tags.
func (b *builder) body(m Message) (string, []span) {
	text := tidy(m.Text)
	if warning := tidy(m.Warning); warning != "" && !b.rules.Warning {
		if !strings.HasPrefix(text, warning) {
			text = strings.TrimSpace(warning + "\n\n" + text)
		}
		b.note(Hint, "adapt.warning_in_text", nil)
	}
	nodes := parse(text, m.Plain)
	footer := tidy(b.target.Footer)
	if strings.Contains("\n\n"+text+"\n\n", "\n\n"+footer+"\n\n") {
		footer = "" // it is there already
	}
	// Tags at the end stay at the end, behind the signature and together with those that are added.
	var own []string
	if b.tags.habit != Inline || footer != "" || len(b.target.ExtraTags) > 0 {
		rest, tags := trailing(nodes)
		if len(rest) > 0 || b.tags.habit != NoTags || b.tags.apart {
			nodes, own = rest, tags
		}
	}
	b.write(nodes)
	if footer != "" {
		b.paragraph()
		b.write(parse(footer, false))
	}
	for _, name := range own {
		b.tags.outside(name, true)
	}
	for _, name := range b.target.ExtraTags {
		b.tags.outside(cleanTag(name), false)
	}
	if len(b.tags.last) > 0 {
		b.paragraph()
		for i, n := range b.tags.last {
			if i > 0 {
				b.out.WriteByte(' ')
			}
			if n.kind == tag {
				b.add("#"+n.text, FacetTag, n.text, true)
			} else {
				b.out.WriteString(n.text)
			}
		}
	}
	return b.text()
}

// paragraph begins a new one.
func (b *builder) paragraph() {
	s := b.out.String()
	trimmed := strings.TrimRight(s, " \n")
	if trimmed == "" {
		return
	}
	b.out.WriteString("\n\n"[:max(0, 2-strings.Count(s[len(trimmed):], "\n"))])
}

// maxNumbered is how many parts can be numbered before the numbers would be too long.
const maxNumbered = 9999

// parts divides the text into posts, or says by how much it is too long.
func (b *builder) parts(text string, spans []span, m Message) (parts []Part, fits string) {
	r := b.rules
	l := &ruler{text: text, spans: spans, rules: r}
	fixed := 0
	warning := ""
	if r.Warning {
		warning = tidy(m.Warning)
		fixed = r.count(warning)
	}
	room := limits{first: r.Max, rest: r.Max, bytes: r.Bytes}
	if r.Caption > 0 && len(m.Media) > 0 {
		room.first = r.Caption
	}
	if r.Max > 0 && fixed >= room.first {
		b.note(Refuse, "adapt.warning_too_long", map[string]any{"limit": room.first})
	}
	if r.Max > 0 {
		room.first, room.rest = max(room.first-fixed, 1), max(room.rest-fixed, 1)
	}
	whole := l.size(0, len(text))
	ranges := [][2]int{{0, len(text)}}
	numbered := false
	if over := whole - room.first; r.Max > 0 && (over > 0 || r.Bytes > 0 && len(text) > r.Bytes) {
		if r.Thread {
			ranges, numbered = b.thread(l, room)
		} else {
			cutting := l.split(room)
			fits = text[cutting[0][0]:cutting[0][1]]
			if l.size(cutting[0][0], cutting[0][1]) > room.first {
				fits = ""
			}
			b.note(Refuse, "adapt.too_long", map[string]any{"over": over, "limit": r.Max})
		}
	}
	for i, at := range ranges {
		p := Part{Warning: warning, Text: text[at[0]:at[1]], Limit: r.Max, Unit: r.Unit, FacetUnit: r.FacetUnit}
		if i == 0 && r.Caption > 0 && len(m.Media) > 0 {
			p.Limit = r.Caption
		}
		inside := cut(spans, at[0], at[1])
		p.Facets = facets(p.Text, inside, r.FacetUnit)
		p.Length = l.size(at[0], at[1]) + fixed
		b.markup(&p, inside)
		if numbered {
			number := numbering(i, len(ranges))
			p.Text += number
			p.Length = r.count(p.Text) + fixed
		}
		if r.Thread && r.Max > 0 && (p.Length > p.Limit || r.Bytes > 0 && len(p.Text) > r.Bytes) {
			b.notes = append(b.notes, Note{Level: Refuse, Key: "adapt.piece_too_long", Args: map[string]any{"over": max(p.Length-p.Limit, 1), "limit": p.Limit}, Part: i, Media: -1})
		}
		parts = append(parts, p)
	}
	if len(parts) > 1 {
		b.note(Hint, "adapt.thread", map[string]any{"count": len(parts)})
	}
	if b.target.MaxParts > 0 && len(parts) > b.target.MaxParts {
		b.note(Refuse, "adapt.too_many_parts", map[string]any{"count": len(parts), "limit": b.target.MaxParts})
	}
	return parts, fits
}

// markup writes what is sent instead of the text, where that is something else.
func (b *builder) markup(p *Part, spans []span) {
	switch b.rules.Network {
	case LinkedIn:
		if s := little(p.Text, spans); s != p.Text {
			p.Markup = s
		}
	case Site:
		p.Markup = article(p.Text, spans, cmp.Or(b.target.Markup, HTML))
	}
}

// thread divides a text into posts that answer each other. Numbers count too: the room for them is kept.
func (b *builder) thread(l *ruler, room limits) (ranges [][2]int, numbered bool) {
	if !b.target.Numbering {
		return b.checked(l, room), false
	}
	for most := 9; most <= maxNumbered; most = most*10 + 9 {
		kept := b.rules.count("a"+numbering(most-1, most)) - b.rules.count("a")
		less := limits{first: room.first - kept, rest: room.rest - kept, bytes: room.bytes}
		if less.bytes > 0 {
			less.bytes -= len(numbering(most-1, most))
		}
		if less.first < 1 || less.rest < 1 {
			break
		}
		if ranges = b.checked(l, less); len(ranges) <= most {
			return ranges, len(ranges) > 1
		}
	}
	b.note(Warn, "adapt.no_numbers", nil)
	return b.checked(l, room), false
}

// checked splits and makes sure that the parts, each counted as a whole, fit.
func (b *builder) checked(l *ruler, room limits) [][2]int {
	tight := room
	for range 4 {
		parts := l.split(tight)
		over := 0
		for i, p := range parts {
			if size := l.size(p[0], p[1]); size > room.of(i == 0) && len(parts) > 1 {
				over = max(over, size-room.of(i == 0))
			}
		}
		if over == 0 || tight.first-over < 1 || tight.rest-over < 1 {
			return parts
		}
		tight.first, tight.rest = tight.first-over, tight.rest-over
	}
	return l.split(room)
}

func numbering(i, n int) string { return fmt.Sprintf(" (%d/%d)", i+1, n) }

// head gives the variant its title, its card and its tags.
func (b *builder) head(v *Variant, m Message, text string) {
	r := b.rules
	first := &v.Parts[0]
	title := strings.Join(strings.Fields(tidy(m.Title)), " ")
	switch {
	case title != "" && !r.HasTitle:
		b.note(Hint, "adapt.no_title", nil)
		title = ""
	case title == "" && r.NeedsTitle && text != "":
		title = b.titleFrom(text)
		b.note(Warn, "adapt.title_made", map[string]any{"title": title})
	case title == "" && r.NeedsTitle:
		b.note(Refuse, "adapt.title_missing", nil)
	}
	if n := r.count(title); r.Title > 0 && n > r.Title {
		level := Refuse
		if r.Network == Mail {
			level = Warn
		}
		b.note(level, "adapt.title_too_long", map[string]any{"over": n - r.Title, "limit": r.Title})
	}
	first.Title = title
	if r.Card && len(b.cards) > 0 && (len(m.Media) == 0 || r.Network == Pinterest || r.Network == Google) {
		first.Card = b.cards[0]
		if r.MaxCard > 0 && len(first.Card) > r.MaxCard {
			b.note(Refuse, "adapt.card_too_long", map[string]any{"limit": r.MaxCard})
		}
	}
	if r.TagsApart {
		first.Tags = b.tags.used
	}
}

// titleFrom makes a title of a text: its first line when that is short, else its first sentence, else its first words.
func (b *builder) titleFrom(text string) string {
	most := cmp.Or(b.rules.Title, 78)
	line, _, _ := strings.Cut(text, "\n")
	r := Rules{Unit: Graphemes}
	room := limits{first: most, rest: most}
	l := &ruler{text: line, rules: &r}
	if r.count(line) > most {
		end := 0
		for _, c := range l.pieces(room) {
			if c.start > 0 && c.cost <= costSentence {
				break
			}
			end = c.end
		}
		if r.count(line[:end]) > most {
			end = l.split(room)[0][1]
		}
		line = line[:end]
	}
	return strings.TrimRight(line, ".,;: ")
}

// say adds what people should know about the variant.
func (b *builder) say(v *Variant, m Message) {
	r := b.rules
	if b.styled {
		b.note(Hint, "adapt.no_formatting", nil)
	}
	if b.open {
		b.note(Warn, "adapt.marks_open", nil)
	}
	if b.links > 0 && !r.Clickable {
		key := "adapt.links_not_clickable"
		if v.Parts[0].Card != "" {
			key = "adapt.link_on_button"
		}
		b.note(Hint, key, nil)
	}
	if r.MaxLinks > 0 && b.links > r.MaxLinks {
		b.note(Refuse, "adapt.too_many_links", map[string]any{"count": b.links, "limit": r.MaxLinks})
	}
	if r.MaxMentions > 0 && b.names > r.MaxMentions {
		b.note(Refuse, "adapt.too_many_mentions", map[string]any{"count": b.names, "limit": r.MaxMentions})
	}
	if len(b.tags.left) > 0 {
		b.note(Hint, "adapt.tags_left", map[string]any{"tags": strings.Join(b.tags.left, ", "), "count": len(b.tags.left)})
	}
	if r.NeedsMedia && len(m.Media) == 0 {
		b.note(Refuse, "adapt.needs_media", nil)
	}
	if strings.TrimSpace(v.Parts[0].Text) == "" && len(m.Media) == 0 {
		b.note(Refuse, "adapt.empty", nil)
	}
}
