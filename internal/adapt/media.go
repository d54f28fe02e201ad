package adapt

import (
	"slices"
	"strings"
)

// media puts the files on the parts and says what the network will make of them.
func (b *builder) media(v *Variant, m Message) {
	rules := &b.rules.Media
	if len(m.Media) == 0 {
		return
	}
	if rules.Most < 0 {
		b.note(Refuse, "adapt.no_media", nil)
		return
	}
	for i, f := range m.Media {
		b.file(i, f, rules.of(f.Kind))
	}
	b.place(v, m.Media)
}

// place puts the files on the parts: on the first as many as go together, the rest on those that follow.
func (b *builder) place(v *Variant, files []Media) {
	rules := &b.rules.Media
	part := 0
	var here []Media
	for i, f := range files {
		f.Kind = rules.as(f)
		if rules.of(f.Kind).Most < 0 {
			continue // it was refused already
		}
		for !together(rules, append(here[:len(here):len(here)], f)) {
			part, here = part+1, nil
			if part >= len(v.Parts) {
				b.tooMany(files)
				return
			}
		}
		here = append(here, f)
		v.Parts[part].Media = append(v.Parts[part].Media, i)
	}
}

// together tells whether files may go with one post.
func together(rules *MediaRules, files []Media) bool {
	counts := map[Kind]int{}
	for _, f := range files {
		counts[kindOf(f)]++
	}
	for k, n := range counts {
		if most := rules.of(k).Most; most > 0 && n > most {
			return len(files) == 1
		}
	}
	return (rules.Most == 0 || len(files) <= rules.Most) && (rules.Mixed || len(counts) <= 1)
}

// as is the sort a file is taken for: what moves is a picture where nothing moves.
func (r *MediaRules) as(f Media) Kind {
	k := kindOf(f)
	if k == Animation && r.Animation.Most < 0 && r.Image.Most >= 0 {
		return Image
	}
	return k
}

func kindOf(f Media) Kind {
	if f.Kind == Animation || f.Kind == Video {
		return f.Kind
	}
	return Image
}

func (b *builder) tooMany(files []Media) {
	rules := &b.rules.Media
	kinds := map[Kind]int{}
	for _, f := range files {
		kinds[rules.as(f)]++
	}
	if len(kinds) > 1 && !rules.Mixed {
		b.note(Refuse, "adapt.media_mixed", nil)
		return
	}
	limit := rules.Most
	for k := range kinds {
		if most := rules.of(k).Most; most > 0 && (limit == 0 || most < limit) {
			limit = most
		}
	}
	b.note(Refuse, "adapt.media_too_many", map[string]any{"count": len(files), "limit": limit})
}

// file says why the network will refuse a file, and what Ponte changes so that it does not.
func (b *builder) file(i int, f Media, r *FileRules) {
	say := func(level Level, key string, args map[string]any) {
		b.notes = append(b.notes, Note{Level: level, Key: key, Args: args, Part: -1, Media: i})
	}
	kind := kindOf(f)
	if as := b.rules.Media.as(f); as != kind {
		say(Warn, "adapt.animation_still", nil)
		kind, f.Kind = as, as
		r = b.rules.Media.of(as)
	}
	if r.Most < 0 {
		say(Refuse, "adapt.kind_refused", nil)
		return
	}
	plan := fitFile(f, r)
	if kind == Image {
		if plan.Cropped(f) {
			say(Warn, "adapt.image_cropped", map[string]any{"width": plan.Crop.Width, "height": plan.Crop.Height})
		}
		if plan.Refused != "" {
			say(Refuse, plan.Refused, plan.Args)
		} else if plan.Change && !plan.Cropped(f) && plan.Width > 0 {
			say(Hint, "adapt.image_changed", map[string]any{"width": plan.Width, "height": plan.Height, "type": strings.Join(shortTypes([]string{plan.MIME}), "")})
		}
	} else {
		for _, n := range refusals(f, r) {
			say(Refuse, n.Key, n.Args)
		}
	}
	switch alt := strings.TrimSpace(f.Alt); {
	case r.Alt < 0:
		if alt != "" {
			say(Hint, "adapt.alt_no_place", nil)
		}
	case alt == "":
		say(Warn, "adapt.alt_missing", nil)
	case r.Alt > 0 && b.rules.countAlt(alt) > r.Alt:
		say(Refuse, "adapt.alt_too_long", map[string]any{"over": b.rules.countAlt(alt) - r.Alt, "limit": r.Alt})
	}
}

// countAlt is how long a description is: in graphemes where the network counts so, else in code units of UTF-16.
func (r *Rules) countAlt(alt string) int {
	if r.Unit == Graphemes {
		return graphemes(alt)
	}
	return utf16Len(alt)
}

// refusals are the reasons why a moving picture will not be taken. Ponte does not convert videos.
func refusals(f Media, r *FileRules) (all []Note) {
	add := func(key string, args map[string]any) { all = append(all, Note{Key: key, Args: args}) }
	if f.MIME != "" && len(r.MIME) > 0 && !slices.Contains(r.MIME, strings.ToLower(f.MIME)) {
		add("adapt.media_type", map[string]any{"type": f.MIME, "known": strings.Join(shortTypes(r.MIME), ", ")})
	}
	if r.Bytes > 0 && f.Bytes > r.Bytes {
		add("adapt.media_bytes", map[string]any{"kilobytes": (f.Bytes + kB - 1) / kB, "limit": r.Bytes / kB})
	}
	if r.MaxSeconds > 0 && f.Seconds > r.MaxSeconds {
		add("adapt.media_seconds", map[string]any{"seconds": f.Seconds, "limit": r.MaxSeconds})
	}
	if r.MinSeconds > 0 && f.Seconds > 0 && f.Seconds < r.MinSeconds {
		add("adapt.media_short", map[string]any{"seconds": f.Seconds, "limit": r.MinSeconds})
	}
	if f.Codec != "" && len(r.Codecs) > 0 && !slices.Contains(r.Codecs, strings.ToLower(f.Codec)) {
		add("adapt.media_codec", map[string]any{"codec": f.Codec, "known": strings.Join(r.Codecs, ", ")})
	}
	if f.Width <= 0 || f.Height <= 0 {
		return all
	}
	aspect := float64(f.Width) / float64(f.Height)
	if r.MinAspect > 0 && aspect < r.MinAspect-aspectSlack || r.MaxAspect > 0 && aspect > r.MaxAspect+aspectSlack {
		add("adapt.media_aspect", map[string]any{"width": f.Width, "height": f.Height})
	}
	if r.MaxWidth > 0 && f.Width > r.MaxWidth || r.MaxHeight > 0 && f.Height > r.MaxHeight ||
		r.MaxSum > 0 && f.Width+f.Height > r.MaxSum || r.MaxPixels > 0 && f.Width*f.Height > r.MaxPixels {
		add("adapt.media_large", map[string]any{"width": f.Width, "height": f.Height})
	}
	if f.Width < r.MinWidth || f.Height < r.MinHeight {
		add("adapt.media_small", map[string]any{"width": f.Width, "height": f.Height})
	}
	return all
}

// shortTypes are media types without what they have in common: jpeg, png, mp4.
func shortTypes(types []string) (short []string) {
	for _, t := range types {
		_, name, _ := strings.Cut(t, "/")
		short = append(short, strings.TrimPrefix(name, "x-"))
	}
	return short
}
