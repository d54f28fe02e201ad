package bluesky

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rivo/uniseg"

	"github.com/ponte-desk/ponte/internal/network"
)

// Counts implements network.Client. The index of the network counts; of our own posts that it does not show, our
// repository knows whether they are gone. The index itself learns of that a little later.
func (cl *client) Counts(ctx context.Context, remoteIDs []string) ([]network.Counts, error) {
	if len(remoteIDs) > network.MostCounts {
		return nil, &network.Problem{Verdict: network.Never, Key: network.ProblemRefused, Args: with(hostArgs(cl.cred.ServerURL), "reason", "too many")}
	}
	var posts []string
	for _, id := range remoteIDs {
		if u, ok := parseURI(id); ok && u.Collection == collectionPost && !slices.Contains(posts, id) {
			posts = append(posts, id)
		}
	}
	shown := map[string]network.Counts{}
	for part := range slices.Chunk(posts, viewsPerCall) {
		var told struct {
			Posts []struct {
				URI         string
				LikeCount   *int
				ReplyCount  *int
				RepostCount *int
				QuoteCount  *int
			}
		}
		if _, err := cl.do(ctx, request{nsid: "app.bsky.feed.getPosts", query: url.Values{"uris": part}}, &told); err != nil {
			return nil, err
		}
		for _, p := range told.Posts {
			shown[p.URI] = network.Counts{
				RemoteID: p.URI, Reactions: network.CountedOr(p.LikeCount), Replies: network.CountedOr(p.ReplyCount),
				Shares: network.CountedOr(p.RepostCount), Quotes: network.CountedOr(p.QuoteCount),
			}
		}
	}
	var out []network.Counts
	for _, id := range posts {
		if c, ok := shown[id]; ok {
			out = append(out, c)
			continue
		}
		if u, _ := parseURI(id); u.DID == cl.did {
			_, err := cl.recordHome(ctx, cl.cred.ServerURL, u)
			if said(err) == "RecordNotFound" {
				out = append(out, network.Counts{RemoteID: id, Gone: true})
			} else if err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// Edit implements network.Client. The record could be written anew, but the index and the apps go on showing readers
// what was published first.
func (cl *client) Edit(context.Context, string, network.Outgoing) (network.Receipt, error) {
	return network.Receipt{}, unsupported(cl.cred.ServerURL)
}

// Moderate implements network.Client. What people write there is theirs.
func (cl *client) Moderate(context.Context, string, network.Standing) error {
	return unsupported(cl.cred.ServerURL)
}

// given turns facets that were given into the ranges the network wants, moved on by what stands before the text. Those
// that lie outside the text, cut a character, overlap or mean nothing here are left out: the words stay. So is a name
// whose account cannot be found, for whatever reason: the message is not held up by it.
func (cl *client) given(ctx context.Context, text string, facets []network.Facet, moved int) ([]facet, error) {
	in := slices.Clone(facets)
	slices.SortStableFunc(in, func(a, b network.Facet) int { return a.Start - b.Start })
	var out []facet
	known := map[string]string{}
	end := 0
	for _, f := range in {
		if f.Start < end || f.End <= f.Start || f.End > len(text) || !border(text, f.Start) || !border(text, f.End) {
			continue
		}
		ft, err := cl.meant(ctx, f, known)
		if err != nil {
			return nil, err
		}
		if ft.Type != "" {
			out, end = append(out, facet{Index: byteRange{f.Start + moved, f.End + moved}, Features: []feature{ft}}), f.End
		}
	}
	return out, nil
}

// meant gives what a facet is here, the zero feature for nothing. known keeps the accounts that were looked up.
func (cl *client) meant(ctx context.Context, f network.Facet, known map[string]string) (feature, error) {
	switch f.Kind {
	case network.FacetLink:
		if address := webAddress(f.Value); address != "" && utf8.ValidString(address) {
			return feature{Type: featureLink, URI: address}, nil
		}
	case network.FacetTag:
		tag := strings.TrimLeft(f.Value, "#＃")
		if tag != "" && utf8.ValidString(tag) && len(tag) <= maxTagBytes && uniseg.GraphemeClusterCount(tag) <= maxTagGraphemes {
			return feature{Type: featureTag, Tag: tag}, nil
		}
	case network.FacetMention:
		if isDID(f.Value) {
			return feature{Type: featureMention, DID: f.Value}, nil
		}
		handle, ok := parseHandle(f.Value)
		if !ok {
			break
		}
		did, asked := known[handle]
		if !asked && len(known) < maxMentions {
			var err error
			if did, err = cl.c.resolveAt(ctx, cl.cred.ServerURL, handle); err != nil && ctx.Err() != nil {
				return feature{}, err // nobody waits any more
			}
			known[handle] = did
		}
		if did != "" {
			return feature{Type: featureMention, DID: did}, nil
		}
	}
	return feature{}, nil
}

// Bounds of a card's words, in graphemes. The lexicon sets none; apps show two lines.
const (
	maxCardTitle       = 300
	maxCardDescription = 1000
)

// card makes the embed of a link card, nil when its address is none of the web. Without a picture that fits it is
// still a card.
func (cl *client) card(ctx context.Context, c network.Card) (*embed, error) {
	address := webAddress(c.URL)
	if address == "" {
		return nil, nil
	}
	clean := func(s string, most int) string {
		return graphemes(strings.ToValidUTF8(strings.TrimSpace(s), "\uFFFD"), most)
	}
	e := &embed{Type: embedExternal, External: address, Title: clean(c.Title, maxCardTitle), Description: clean(c.Description, maxCardDescription)}
	if e.Title == "" {
		e.Title = strings.TrimSuffix(bareAddress(address), "/")
	}
	if c.Image != nil {
		b, err := cl.picture(ctx, *c.Image)
		switch p := network.ProblemOf(err); {
		case err == nil:
			e.Thumb = b
		case p.Key != network.ProblemMedia || p.Verdict != network.Never:
			return nil, err
		}
	}
	return e, nil
}

// graphemes cuts a text after so many characters as a reader sees them.
func graphemes(s string, most int) string {
	g := uniseg.NewGraphemes(s)
	for range most {
		if !g.Next() {
			return s
		}
	}
	if !g.Next() {
		return s
	}
	from, _ := g.Positions()
	return s[:from]
}
