package bluesky

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// strongRef points at one version of a record (com.atproto.repo.strongRef).
type strongRef struct {
	URI string `json:"uri"`
	CID string `json:"cid"`
}

// replyRef is where a post stands in its thread.
type replyRef struct {
	Root   strongRef `json:"root"`
	Parent strongRef `json:"parent"`
}

// post is a record of app.bsky.feed.post, as it is read and as it is written.
type post struct {
	Type      string    `json:"$type"`
	Text      string    `json:"text"`
	Facets    []facet   `json:"facets,omitempty"`
	Reply     *replyRef `json:"reply,omitempty"`
	Embed     *embed    `json:"embed,omitempty"`
	Langs     []string  `json:"langs,omitempty"`
	Labels    *labels   `json:"labels,omitempty"`
	CreatedAt string    `json:"createdAt"`
}

// facet says what a range of bytes of the text is (app.bsky.richtext.facet).
type facet struct {
	Index    byteRange `json:"index"`
	Features []feature `json:"features"`
}

// byteRange is a range of the text's UTF-8 bytes; End is exclusive.
type byteRange struct {
	Start int `json:"byteStart"`
	End   int `json:"byteEnd"`
}

type feature struct {
	Type string `json:"$type"`
	URI  string `json:"uri,omitempty"`
	DID  string `json:"did,omitempty"`
	Tag  string `json:"tag,omitempty"`
}

// The kinds of facet features.
const (
	featureLink    = "app.bsky.richtext.facet#link"
	featureMention = "app.bsky.richtext.facet#mention"
	featureTag     = "app.bsky.richtext.facet#tag"
)

// labels are what the author warns of (com.atproto.label.defs#selfLabels).
type labels struct {
	Type   string  `json:"$type,omitempty"`
	Values []label `json:"values"`
}

type label struct {
	Val string `json:"val"`
	Neg bool   `json:"neg,omitempty"`
}

// The kinds of embeds.
const (
	embedImages    = "app.bsky.embed.images"
	embedVideo     = "app.bsky.embed.video"
	embedExternal  = "app.bsky.embed.external"
	embedRecord    = "app.bsky.embed.record"
	embedWithMedia = "app.bsky.embed.recordWithMedia"
)

// embed is what a post carries besides its text. Which fields are filled depends on Type.
type embed struct {
	Type     string
	Images   []imageEmbed
	Video    blob
	Alt      string
	Ratio    *ratio
	External string // address of a link card
	Title    string // of a link card
	// Description and Thumb of a link card are written and not read.
	Description string
	Thumb       blob
	Record      *strongRef // of a quote
	Media       *embed     // beside a quote
}

type imageEmbed struct {
	Alt   string `json:"alt"`
	Image blob   `json:"image"`
	Ratio *ratio `json:"aspectRatio,omitempty"`
}

type ratio struct {
	Width  int `json:"width"`
	Height int `json:"height"`
}

// UnmarshalJSON reads the union by its $type. What is of an unknown kind is known to be there and nothing more.
func (e *embed) UnmarshalJSON(data []byte) error {
	*e = embed{}
	var kind struct {
		Type string `json:"$type"`
	}
	if err := json.Unmarshal(data, &kind); err != nil {
		return err
	}
	e.Type = kind.Type
	switch kind.Type {
	case embedImages:
		var v struct{ Images []imageEmbed }
		err := json.Unmarshal(data, &v)
		e.Images = v.Images
		return err
	case embedVideo:
		var v struct {
			Video       blob
			Alt         string
			AspectRatio *ratio
		}
		err := json.Unmarshal(data, &v)
		e.Video, e.Alt, e.Ratio = v.Video, v.Alt, v.AspectRatio
		return err
	case embedExternal:
		var v struct{ External struct{ URI, Title string } }
		err := json.Unmarshal(data, &v)
		e.External, e.Title = v.External.URI, v.External.Title
		return err
	case embedRecord:
		var v struct{ Record *strongRef }
		err := json.Unmarshal(data, &v)
		e.Record = v.Record
		return err
	case embedWithMedia:
		var v struct {
			Record struct{ Record *strongRef }
			Media  json.RawMessage
		}
		if err := json.Unmarshal(data, &v); err != nil {
			return err
		}
		e.Record = v.Record.Record
		var inner struct {
			Type string `json:"$type"`
		}
		// Media is never another quote; refusing that also bounds the depth.
		if len(v.Media) == 0 || json.Unmarshal(v.Media, &inner) != nil || inner.Type == embedWithMedia {
			return nil
		}
		e.Media = &embed{}
		return json.Unmarshal(v.Media, e.Media)
	}
	return nil
}

// MarshalJSON writes the kinds we write: pictures, a film, a link card.
func (e embed) MarshalJSON() ([]byte, error) {
	switch e.Type {
	case embedImages:
		return json.Marshal(struct {
			Type   string       `json:"$type"`
			Images []imageEmbed `json:"images"`
		}{e.Type, e.Images})
	case embedVideo:
		return json.Marshal(struct {
			Type  string `json:"$type"`
			Video blob   `json:"video"`
			Alt   string `json:"alt,omitempty"`
			Ratio *ratio `json:"aspectRatio,omitempty"`
		}{e.Type, e.Video, e.Alt, e.Ratio})
	case embedExternal:
		var thumb *blob
		if e.Thumb.raw != nil {
			thumb = &e.Thumb
		}
		return json.Marshal(struct {
			Type     string `json:"$type"`
			External any    `json:"external"`
		}{e.Type, struct {
			URI         string `json:"uri"`
			Title       string `json:"title"`
			Description string `json:"description"`
			Thumb       *blob  `json:"thumb,omitempty"`
		}{e.External, e.Title, e.Description, thumb}})
	}
	return nil, fmt.Errorf("cannot write an embed of type %q", e.Type)
}

// blob points at a file in a repository. It is written again exactly as the server gave it.
type blob struct{ raw json.RawMessage }

// UnmarshalJSON implements json.Unmarshaler.
func (b *blob) UnmarshalJSON(data []byte) error {
	b.raw = append(json.RawMessage(nil), data...)
	return nil
}

// MarshalJSON implements json.Marshaler.
func (b blob) MarshalJSON() ([]byte, error) {
	if b.raw == nil {
		return []byte("null"), nil
	}
	return b.raw, nil
}

// cid gives the content's address, also of blobs in the form used before 2023, or "".
func (b blob) cid() string {
	var v struct {
		Ref struct {
			Link string `json:"$link"`
		}
		CID string
	}
	if json.Unmarshal(b.raw, &v) != nil {
		return ""
	}
	if v.Ref.Link != "" {
		return v.Ref.Link
	}
	return v.CID
}

// quoted gives what the post shows of another record, or the zero ref.
func (p post) quoted() strongRef {
	if p.Embed != nil && p.Embed.Record != nil {
		return *p.Embed.Record
	}
	return strongRef{}
}

// media gives the part of the embed that carries files or links.
func (p post) media() *embed {
	switch {
	case p.Embed == nil:
		return nil
	case p.Embed.Media != nil:
		return p.Embed.Media
	default:
		return p.Embed
	}
}

// hasFiles tells whether there are files whose addresses only the index of the network knows.
func (p post) hasFiles() bool {
	m := p.media()
	return m != nil && (m.Type == embedImages || m.Type == embedVideo)
}

// parsePost reads a record that should be a post.
func parsePost(raw json.RawMessage) (post, bool) {
	var p post
	if err := json.Unmarshal(raw, &p); err != nil {
		// An embed or labels of a shape we do not know must not hide the words.
		var bare struct {
			Type      string    `json:"$type"`
			Text      string    `json:"text"`
			Reply     *replyRef `json:"reply"`
			CreatedAt string    `json:"createdAt"`
		}
		if json.Unmarshal(raw, &bare) != nil {
			return post{}, false
		}
		p = post{Type: bare.Type, Text: bare.Text, Reply: bare.Reply, CreatedAt: bare.CreatedAt}
	}
	return p, p.Type == collectionPost
}

// parseTime reads a datetime (https://atproto.com/specs/lexicon#datetime) to microseconds, or gives the zero time.
func parseTime(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, strings.TrimSpace(s))
	if err != nil || t.Year() < 1970 || t.Year() > 9999 {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}

// formatTime writes a datetime with microseconds.
func formatTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

// profileView is an account as the index of the network shows it.
type profileView struct {
	DID         string
	Handle      string
	DisplayName string
	Avatar      string
	Labels      []label
}

// postView is a post as the index of the network shows it.
type postView struct {
	URI       string
	CID       string
	Author    profileView
	Record    json.RawMessage
	Embed     json.RawMessage // an embedView
	IndexedAt string
	Labels    []label
}

// embedView carries the addresses of files.
type embedView struct {
	Type   string `json:"$type"`
	Images []struct {
		Thumb       string
		Fullsize    string
		Alt         string
		AspectRatio *ratio
	}
	Playlist  string
	Thumbnail string
	Media     *embedView
}

func (v *embedView) files() *embedView {
	if v != nil && v.Media != nil {
		return v.Media
	}
	return v
}
