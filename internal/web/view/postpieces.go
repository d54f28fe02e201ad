package view

import (
	"net/url"
	"strings"

	"github.com/ponte-desk/ponte/internal/adapt"
	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/post"
)

// postLayouts say how a network sets a post.
var postLayouts = map[network.Name]string{
	"facebook": "page", "linkedin": "page", "google": "page", "youtube": "page", "instagram": "picture", "pinterest": "picture", "telegram": "bubble",
	"site": "article", "wordpress": "article", "mail": "letter",
}

// PostLayout is how a network sets a post: stream, page, picture, bubble, article or letter.
func PostLayout(n network.Name) string {
	if l, ok := postLayouts[n]; ok {
		return l
	}
	return "stream"
}

// NetLabel is what people call a network.
func NetLabel(n network.Name) string {
	switch n {
	case network.Mastodon:
		return "Mastodon"
	case network.Bluesky:
		return "Bluesky"
	case network.Site:
		return "Web"
	case "linkedin":
		return "LinkedIn"
	case "youtube":
		return "YouTube"
	case lead.ByEmail:
		return "E-mail"
	case lead.ByPhone:
		return "Tel."
	}
	s := string(n)
	return strings.ToUpper(s[:min(1, len(s))]) + s[min(1, len(s)):]
}

// PostHandle is how an account is written on its network.
func PostHandle(ch network.Channel) string {
	if PostLayout(ch.Network) == "picture" || ch.Network == network.Site || strings.HasPrefix(ch.Handle, "@") {
		return ch.Handle
	}
	return "@" + ch.Handle
}

// PostFocus says in five steps each way what stays of a picture that is cut.
func PostFocus(fx, fy float64) string {
	step := func(v float64) string { return string(rune('0' + min(4, max(0, int((v+1)*2+0.5))))) }
	return "fx" + step(fx) + " fy" + step(-fy)
}

// PostCardOf is the card of a message, nil when it has none; media is where its picture is served, without the picture's id.
func PostCardOf(c post.Content, media, query string) *PostCard {
	if c.Card == "" {
		return nil
	}
	out := &PostCard{Host: c.Card}
	if u, err := url.Parse(c.Card); err == nil && u.Host != "" {
		out.Host, out.Title = u.Host, strings.TrimSuffix(u.Host+u.Path, "/")
	}
	if s := c.Shown; s != nil {
		if s.Title != "" {
			out.Title = s.Title
		}
		if out.Text = s.Description; s.Picture != "" {
			out.Src = media + string(s.Picture) + query
		}
	}
	return out
}

// PostCropOf is the part of a picture that goes out, nil when all of it does.
func PostCropOf(f media.File, form *media.Form) *PostCrop {
	if form == nil || form.PartWidth <= 0 || form.PartHeight <= 0 || f.Width <= 0 || f.Height <= 0 {
		return nil
	}
	return &PostCrop{X: form.X, Y: form.Y, Width: form.PartWidth, Height: form.PartHeight, OfWidth: f.Width, OfHeight: f.Height}
}

// pieceKinds are the looks of what a facet covers.
var pieceKinds = map[adapt.FacetKind]string{
	adapt.FacetLink: "link", adapt.FacetMention: "mention", adapt.FacetTag: "tag", adapt.FacetBold: "bold", adapt.FacetItalic: "italic",
}

// PostPieces cuts a text where its facets begin and end. Facets count in the network's unit.
func PostPieces(s string, facets []adapt.Facet, unit adapt.Unit) []PostPiece {
	at := func(n int) int { return min(max(n, 0), len(s)) }
	if unit == adapt.UTF16 {
		offsets := make([]int, 0, len(s)+1)
		for i, r := range s {
			offsets = append(offsets, i)
			if r > 0xffff {
				offsets = append(offsets, i)
			}
		}
		offsets = append(offsets, len(s))
		at = func(n int) int { return offsets[min(max(n, 0), len(offsets)-1)] }
	}
	var out []PostPiece
	end := 0
	for _, f := range facets {
		from, to := at(f.Start), at(f.End)
		if from < end || to <= from {
			continue // inside another: one look is enough here
		}
		if from > end {
			out = append(out, PostPiece{Text: s[end:from]})
		}
		out = append(out, PostPiece{Text: s[from:to], Kind: pieceKinds[f.Kind]})
		end = to
	}
	if end < len(s) {
		out = append(out, PostPiece{Text: s[end:]})
	}
	return out
}
