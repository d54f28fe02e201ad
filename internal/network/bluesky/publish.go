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
	return cl.receipt(u, told.CID, p.CreatedAt), nil
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
	return cl.receipt(u, rec.CID, p.CreatedAt), network.Present, nil
}

// place is where a message stands or will stand.
func (cl *client) place(m network.Outgoing) atURI {
	return atURI{DID: cl.did, Collection: collectionPost, Key: string(recordKey(m.Key, m.PreparedAt))}
}

func (cl *client) receipt(u atURI, cid, createdAt string) network.Receipt {
	cred, _ := cl.session.current(cl.c.now())
	return network.Receipt{RemoteID: u.String(), Version: cid, URL: cl.c.postURL(cred.Extra[extraHandle], u), At: parseTime(createdAt)}
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
	if p.Facets, err = cl.facets(ctx, p.Text); err != nil {
		return post{}, err
	}
	if len(m.Media) > 0 {
		if p.Embed, err = cl.upload(ctx, m.Media); err != nil {
			return post{}, err
		}
	}
	return p, nil
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

// upload brings the pictures to the server. A file that is uploaded again is the same blob; one that no record uses
// is thrown away by the server.
func (cl *client) upload(ctx context.Context, media []network.Upload) (*embed, error) {
	e := &embed{Type: embedImages}
	refused := func(m network.Upload, err error) error {
		return &network.Problem{Verdict: network.Never, Key: network.ProblemMedia, Args: with(hostArgs(cl.cred.ServerURL), "name", m.Name), Err: err}
	}
	for i, m := range media {
		if i >= maxImages || !strings.HasPrefix(m.MIME, "image/") || m.Size > maxImageBytes {
			return nil, refused(m, fmt.Errorf("file %d, %q, %d bytes", i+1, m.MIME, m.Size))
		}
		data, err := readAll(m)
		if err != nil {
			return nil, &network.Problem{Verdict: network.Later, Key: network.ProblemMedia, Args: with(hostArgs(cl.cred.ServerURL), "name", m.Name), Err: err}
		}
		if len(data) == 0 || len(data) > maxImageBytes {
			return nil, refused(m, fmt.Errorf("%d bytes", len(data)))
		}
		var told struct{ Blob json.RawMessage }
		if _, err := cl.do(ctx, request{nsid: "com.atproto.repo.uploadBlob", raw: data, mime: m.MIME}, &told); err != nil {
			if p := network.ProblemOf(err); p.Verdict == network.Never || isStatus(err, 413) {
				return nil, refused(m, err)
			}
			return nil, err
		}
		b := blob{raw: told.Blob}
		if b.cid() == "" {
			return nil, &network.Problem{Verdict: network.Later, Key: network.ProblemAnswer, Args: hostArgs(cl.cred.ServerURL)}
		}
		img := imageEmbed{Alt: m.Alt, Image: b}
		if m.Width > 0 && m.Height > 0 {
			img.Ratio = &ratio{Width: m.Width, Height: m.Height}
		}
		e.Images = append(e.Images, img)
	}
	return e, nil
}

// readAll reads a file of at most one byte more than is allowed.
func readAll(m network.Upload) ([]byte, error) {
	f, err := m.Open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxImageBytes+1))
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
