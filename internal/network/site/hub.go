package site

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/feed"
	"github.com/ponte-desk/ponte/internal/network"
)

var _ network.Subscriber = (*Connector)(nil)

// maxHub bounds what is read of a hub's answer, maxHubAddress the addresses that a feed may give.
const (
	maxHub        = 16 << 10
	maxHubAddress = 2000
)

// Subscribe implements network.Subscriber (WebSub section 5.1). What is written follows no redirect to another server.
func (c *Connector) Subscribe(ctx context.Context, r network.HubRequest) error {
	f := url.Values{"hub.callback": {r.Callback}, "hub.topic": {r.Topic}, "hub.mode": {"subscribe"}}
	if r.Leave {
		f.Set("hub.mode", "unsubscribe")
	} else {
		f.Set("hub.lease_seconds", strconv.Itoa(int(r.Lease/time.Second)))
		if r.Secret != "" {
			f.Set("hub.secret", r.Secret)
		}
	}
	body := f.Encode()
	_, err := c.call(ctx, request{
		method: http.MethodPost, url: r.Hub, accept: "*/*", mime: "application/x-www-form-urlencoded",
		body: strings.NewReader(body), length: int64(len(body)), most: maxHub, cut: true,
	})
	return err
}

// hubOf finds the hub of a feed (section 4): in the head of the answer, else in the feed itself. A feed that does not say by which address its hub
// knows it is known by the one at which it stands.
func hubOf(a answer, told feed.Feed) network.HubAd {
	var ad network.HubAd
	for _, l := range links(a.header, a.url) {
		switch {
		case l.rel == "hub" && ad.Hub == "":
			ad.Hub = webAddress(l.href)
		case l.rel == "self" && ad.Topic == "":
			ad.Topic = webAddress(l.href)
		}
	}
	if ad.Hub == "" && len(told.Hubs) > 0 {
		ad.Hub = told.Hubs[0]
	}
	if ad.Topic == "" {
		ad.Topic = told.Self
	}
	if ad.Topic == "" {
		ad.Topic = a.url.String()
	}
	if ad.Hub == "" || len(ad.Hub) > maxHubAddress || len(ad.Topic) > maxHubAddress {
		return network.HubAd{}
	}
	return ad
}
