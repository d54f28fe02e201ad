package bluesky

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ponte-desk/ponte/internal/network"
)

// selfLabels are the warnings the network has words for. Any other warning is written above the text.
var selfLabels = []string{"sexual", "nudity", "porn", "graphic-media"}

// Publish implements network.Client. The record is written to a place that the message's Key and PreparedAt decide,
// on condition that nothing stands there: sending again finds the first one and changes nothing.
func (cl *client) Publish(ctx context.Context, m network.Outgoing) (network.Receipt, error) {
	p, err := cl.compose(ctx, m)
	if err != nil {
		return network.Receipt{}, asProblem(err)
	}
	u := cl.place(m)
	var told struct{ URI, CID string }
	_, err = cl.do(ctx, request{nsid: "com.atproto.repo.putRecord", mutation: true, body: putRecord{
		Repo: u.DID, Collection: u.Collection, Key: u.Key, Record: p,
	}}, &told)
	if said(err) == "InvalidSwap" {
		// Something stands there: an earlier attempt, perhaps edited since.
		r, found, ferr := cl.Find(ctx, m)
		switch {
		case ferr != nil:
			prob := *network.ProblemOf(ferr)
			prob.Uncertain = true
			return network.Receipt{}, &prob
		case found == network.Present:
			return r, nil
		}
	}
	if err != nil {
		return network.Receipt{}, err
	}
	if told.URI != u.String() || told.CID == "" {
		return network.Receipt{}, &network.Problem{Verdict: network.Later, Uncertain: true, Key: network.ProblemAnswer, Args: hostArgs(cl.cred.ServerURL)}
	}
	return cl.receipt(u, told.CID, p), nil
}

// Find implements network.Client. The answer is certain: the message can stand in one place only.
func (cl *client) Find(ctx context.Context, m network.Outgoing) (network.Receipt, network.Presence, error) {
	u := cl.place(m)
	rec, err := cl.recordHome(ctx, cl.cred.ServerURL, u)
	if said(err) == "RecordNotFound" {
		return network.Receipt{}, network.Absent, nil
	}
	if err != nil {
		return network.Receipt{}, network.Unsure, err
	}
	p, ok := parsePost(rec.Value)
	parent := ""
	if p.Reply != nil {
		parent = p.Reply.Parent.URI
	}
	if !ok || !parseTime(p.CreatedAt).Equal(m.PreparedAt.Truncate(time.Microsecond)) || parent != m.ReplyTo {
		// Another message has the place. It takes two of the same millisecond and one chance in a million.
		return network.Receipt{}, network.Absent, nil
	}
	return cl.receipt(u, rec.CID, p), network.Present, nil
}

// place is where a message stands or will stand.
func (cl *client) place(m network.Outgoing) atURI {
	return atURI{DID: cl.did, Collection: collectionPost, Key: string(recordKey(m.Key, m.PreparedAt))}
}

func (cl *client) receipt(u atURI, cid string, p post) network.Receipt {
	cred, _ := cl.session.current(cl.c.now())
	r := network.Receipt{RemoteID: u.String(), Version: cid, URL: cl.c.postURL(cred.Extra[extraHandle], u), At: parseTime(p.CreatedAt)}
	if m := p.media(); m != nil && m.Type == embedImages {
		for _, img := range m.Images {
			r.Media = append(r.Media, img.Image.cid())
		}
	} else if m != nil && m.Type == embedVideo {
		r.Media = []string{m.Video.cid()}
	}
	return r
}

// putRecord is the input of com.atproto.repo.putRecord.
type putRecord struct {
	Repo       string `json:"repo"`
	Collection string `json:"collection"`
	Key        string `json:"rkey"`
	Record     post   `json:"record"`
	// Swap is the version that must stand there. It is always written, as null: nothing may.
	Swap *string `json:"swapRecord"`
}

// compose makes the record of a message. The same message gives the same record.
func (cl *client) compose(ctx context.Context, m network.Outgoing) (post, error) {
	// What is no UTF-8 would be replaced on the way, and the ranges of links would point beside them.
	whole := utf8.ValidString(m.Text)
	m.Text, m.Warning = strings.ToValidUTF8(m.Text, "\uFFFD"), strings.ToValidUTF8(m.Warning, "\uFFFD")
	p := post{Type: collectionPost, Text: m.Text, CreatedAt: formatTime(m.PreparedAt)}
	host := hostArgs(cl.cred.ServerURL)
	if m.Visibility != "" && m.Visibility != network.Public {
		// Everything is public here: what is meant for fewer people must not go out.
		return post{}, unsupported(cl.cred.ServerURL)
	}
	switch w := strings.TrimSpace(m.Warning); {
	case w == "":
	case slices.Contains(selfLabels, strings.ToLower(w)):
		p.Labels = &labels{Type: "com.atproto.label.defs#selfLabels", Values: []label{{Val: strings.ToLower(w)}}}
	default:
		p.Text = w + "\n\n" + m.Text
	}
	if strings.TrimSpace(p.Text) == "" && len(m.Media) == 0 {
		return post{}, &network.Problem{Verdict: network.Never, Key: network.ProblemRefused, Args: with(host, "reason", "empty")}
	}
	limits, _ := cl.Limits(ctx)
	if n := cl.Measure(p.Text, limits); !n.Fits() {
		used, most := n.Used, n.Max
		if used <= most {
			used, most = n.UsedBytes, n.MaxBytes
		}
		return post{}, &network.Problem{Verdict: network.Never, Key: network.ProblemTooLong, Args: map[string]any{"used": used, "max": most}}
	}
	if m.Language != "" {
		p.Langs = []string{m.Language}
	}
	var err error
	if m.ReplyTo != "" {
		if p.Reply, err = cl.replyTo(ctx, m.ReplyTo); err != nil {
			return post{}, err
		}
	}
	if m.Facets != nil && whole {
		p.Facets, err = cl.given(ctx, m.Text, m.Facets, len(p.Text)-len(m.Text))
	} else {
		p.Facets, err = cl.facets(ctx, p.Text)
	}
	if err != nil {
		return post{}, err
	}
	switch {
	case len(m.Media) > 0:
		p.Embed, err = cl.upload(ctx, m.Media)
	case m.Card != nil:
		p.Embed, err = cl.card(ctx, *m.Card)
	}
	return p, err
}

// replyTo finds out where a reply to remoteID stands: below it, and in the thread it belongs to. The thread's first
// post is what the answered post itself says.
func (cl *client) replyTo(ctx context.Context, remoteID string) (*replyRef, error) {
	u, ok := parseURI(remoteID)
	if !ok {
		return nil, badAddress(remoteID)
	}
	rec, err := cl.record(ctx, u)
	if err != nil {
		if said(err) == "RecordNotFound" || errors.Is(err, errNoDocument) {
			return nil, &network.Problem{Verdict: network.Never, Key: network.ProblemGone, Err: err}
		}
		return nil, err
	}
	parent := strongRef{URI: rec.URI, CID: rec.CID}
	ref := &replyRef{Root: parent, Parent: parent}
	if p, ok := parsePost(rec.Value); ok && p.Reply != nil && p.Reply.Root.URI != "" && p.Reply.Root.CID != "" {
		ref.Root = p.Reply.Root
	}
	return ref, nil
}

// upload brings the files to the server: up to four pictures, or one film.
func (cl *client) upload(ctx context.Context, media []network.Upload) (*embed, error) {
	if strings.HasPrefix(media[0].MIME, "video/") {
		if len(media) > 1 {
			return nil, cl.unwanted(media[1], errors.New("a film and something else"))
		}
		return cl.film(ctx, media[0])
	}
	e := &embed{Type: embedImages}
	for i, m := range media {
		if i >= maxImages {
			return nil, cl.unwanted(m, fmt.Errorf("file %d", i+1))
		}
		b, err := cl.picture(ctx, m)
		if err != nil {
			return nil, err
		}
		e.Images = append(e.Images, imageEmbed{Alt: m.Alt, Image: b, Ratio: ratioOf(m)})
	}
	return e, nil
}

func ratioOf(m network.Upload) *ratio {
	if m.Width <= 0 || m.Height <= 0 {
		return nil
	}
	return &ratio{Width: m.Width, Height: m.Height}
}

// unwanted says that a file is not taken as it is.
func (cl *client) unwanted(m network.Upload, err error) *network.Problem {
	return &network.Problem{Verdict: network.Never, Key: network.ProblemMedia, Args: with(hostArgs(cl.cred.ServerURL), "name", m.Name), Err: err}
}

func (cl *client) picture(ctx context.Context, m network.Upload) (blob, error) {
	if !strings.HasPrefix(m.MIME, "image/") || m.Size > maxImageBytes {
		return blob{}, cl.unwanted(m, fmt.Errorf("%q, %d bytes", m.MIME, m.Size))
	}
	return cl.store(ctx, m, maxImageBytes)
}

// film puts a film beside the post. The network works it up once the post stands: until then, for some seconds, apps
// show that it is missing.
func (cl *client) film(ctx context.Context, m network.Upload) (*embed, error) {
	if m.MIME != "video/mp4" || m.Size > maxVideoBytes {
		return nil, cl.unwanted(m, fmt.Errorf("%q, %d bytes", m.MIME, m.Size))
	}
	b, err := cl.store(ctx, m, maxVideoBytes)
	if err != nil {
		return nil, err
	}
	return &embed{Type: embedVideo, Video: b, Alt: m.Alt, Ratio: ratioOf(m)}, nil
}

// blobLife is how long a server surely keeps a blob that no record uses: at least an hour (AT Protocol, "Blob lifecycle").
const blobLife = 50 * time.Minute

// store brings a file to the server. A file that is uploaded again is the same blob; one that no record uses is thrown
// away by the server.
func (cl *client) store(ctx context.Context, m network.Upload, most int64) (blob, error) {
	if kept := (blob{raw: json.RawMessage(m.Kept)}); m.Kept != "" && kept.cid() != "" {
		return kept, nil
	}
	data, err := readAll(m, most)
	if err != nil {
		return blob{}, &network.Problem{Verdict: network.Later, Key: network.ProblemMedia, Args: with(hostArgs(cl.cred.ServerURL), "name", m.Name), Err: err}
	}
	if len(data) == 0 || int64(len(data)) > most {
		return blob{}, cl.unwanted(m, fmt.Errorf("%d bytes", len(data)))
	}
	var told struct{ Blob json.RawMessage }
	if _, err := cl.do(ctx, request{nsid: "com.atproto.repo.uploadBlob", raw: data, mime: m.MIME}, &told); err != nil {
		if p := network.ProblemOf(err); p.Verdict == network.Never || isStatus(err, 413) {
			return blob{}, cl.unwanted(m, err)
		}
		return blob{}, err
	}
	b := blob{raw: told.Blob}
	if b.cid() == "" {
		return blob{}, &network.Problem{Verdict: network.Later, Key: network.ProblemAnswer, Args: hostArgs(cl.cred.ServerURL)}
	}
	if m.Keep != nil {
		m.Keep(ctx, string(told.Blob), blobLife)
	}
	return b, nil
}

// readAll reads a file of at most one byte more than is allowed.
func readAll(m network.Upload, most int64) ([]byte, error) {
	f, err := m.Open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, most+1))
}

// Delete implements network.Client. The server does not mind when the record is gone already.
func (cl *client) Delete(ctx context.Context, remoteID string) error {
	u, ok := parseURI(remoteID)
	if !ok {
		return badAddress(remoteID)
	}
	if u.DID != cl.did {
		return &network.Problem{Verdict: network.Never, Key: network.ProblemScope, Args: hostArgs(cl.cred.ServerURL)}
	}
	_, err := cl.do(ctx, request{nsid: "com.atproto.repo.deleteRecord", mutation: true, body: map[string]string{
		"repo": u.DID, "collection": u.Collection, "rkey": u.Key,
	}}, nil)
	if said(err) == "RecordNotFound" {
		return nil
	}
	return err
}

// asProblem gives an error of preparing a mutation, which is never uncertain.
func asProblem(err error) *network.Problem {
	p := *network.ProblemOf(err)
	p.Uncertain = false
	return &p
}

func isStatus(err error, status int) bool {
	e, ok := errors.AsType[*serverError](err)
	return ok && e.Status == status
}

func with(args map[string]any, name string, value any) map[string]any {
	args[name] = value
	return args
}
