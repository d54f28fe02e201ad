package public

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/ponte-desk/ponte/internal/network"
)

// Hubs is what the door asks about the hubs of feeds.
type Hubs interface {
	ConfirmHub(ctx context.Context, token string, q network.HubQuery) (challenge string, err error)
	HubRang(ctx context.Context, token, signature string, body io.Reader) (rang bool, err error)
}

// maxPush is how much a hub may bring, of which nothing counts but the signature.
const maxPush = 32 << 20

func (p *Public) hubRoutes() {
	at := network.HubPath + "{token}"
	p.add("GET "+at, p.confirmHub)
	p.addUpTo("POST "+at, maxPush, p.hubRang)
}

// confirmHub answers a hub that makes sure that it was asked (WebSub section 5.3): with its challenge, or with 404.
func (p *Public) confirmHub(rw http.ResponseWriter, r *http.Request, v *visit) error {
	if err := p.ringing.take(v.remote); err != nil {
		return p.refuse(rw, v, err)
	}
	q := r.URL.Query()
	challenge, err := p.rooms.Hubs.ConfirmHub(r.Context(), r.PathValue("token"), network.HubQuery{
		Mode: q.Get("hub.mode"), Topic: q.Get("hub.topic"), Challenge: q.Get("hub.challenge"), Lease: q.Get("hub.lease_seconds"),
	})
	if err != nil {
		return p.refuse(rw, v, err)
	}
	h := rw.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	_, _ = io.WriteString(rw, challenge) // the hub may be gone
	return nil
}

// hubRang hears a hub (WebSub section 7). A wrong signature is answered like a right one, as section 8 has it: nobody learns by trying. Who is no
// longer wanted is told that this address is gone.
func (p *Public) hubRang(rw http.ResponseWriter, r *http.Request, v *visit) error {
	if err := p.ringing.take(v.remote); err != nil {
		return p.refuse(rw, v, err)
	}
	body := &broken{r: r.Body}
	_, err := p.rooms.Hubs.HubRang(r.Context(), r.PathValue("token"), r.Header.Get("X-Hub-Signature"), body)
	switch {
	case errors.Is(err, network.ErrNoHub):
		v.err = err
		inWords(rw, http.StatusGone, v.words.T(network.ErrNoHub.Key))
		return nil
	case body.err != nil:
		v.err = body.err
		status := http.StatusBadRequest
		if _, long := errors.AsType[*http.MaxBytesError](body.err); long {
			status = http.StatusRequestEntityTooLarge
		}
		rw.WriteHeader(status)
		return nil
	case err != nil:
		return err
	}
	rw.WriteHeader(http.StatusAccepted)
	return nil
}

// broken remembers why a reading ended early.
type broken struct {
	r   io.Reader
	err error
}

func (b *broken) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}
