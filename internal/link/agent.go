package link

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// Kind is who opened a link. It is stored in the database.
type Kind uint8

// The kinds of visits. Only those of people count as visits.
const (
	Person  Kind = 1
	Bot     Kind = 2 // a program that reads the web
	Preview Kind = 3 // a network, a messenger or a browser that looks ahead to show what is behind the link
)

// Why says how a visit was told from those of people. It is stored in the database.
type Why uint8

// The reasons.
const (
	WhyNone     Why = 0 // a person, for all that can be seen
	WhyAgent    Why = 1 // it names itself as a program
	WhyNetwork  Why = 2 // a network's own fetcher
	WhyHead     Why = 3 // it asked for the head alone
	WhyPrefetch Why = 4 // a browser that looks ahead
	WhyMute     Why = 5 // it does not say what it is, as no browser does
	WhyAsked    Why = 6 // a person who asks not to be followed: counted, and no more
)

// Device is what somebody holds. It is stored in the database.
type Device uint8

// The devices.
const (
	DeviceUnknown Device = 0
	DeviceIOS     Device = 1
	DeviceAndroid Device = 2
	DeviceDesktop Device = 3
)

func (d Device) target() string {
	switch d {
	case DeviceIOS:
		return IOS
	case DeviceAndroid:
		return Android
	case DeviceDesktop:
		return Desktop
	}
	return ""
}

// Name is the word for a device in catalogs and programs.
func (d Device) Name() string {
	if t := d.target(); t != "" {
		return t
	}
	return "unknown"
}

// FromQR stands for the referrer of who reads a QR code.
const FromQR = "qr"

// Seen is what a request tells of who opens a link. Address and agent stay in memory, for the hash of the day.
type Seen struct {
	Kind     Kind
	Why      Why
	Private  bool // asks not to be followed (DNT, Sec-GPC)
	Device   Device
	Language string // "it"; "" it is not said
	Referrer string // the host, without www; "" it is not said

	address, agent string
}

// As says who it is, for the hash of the day: an address and the name of an agent.
func (s Seen) As(address, agent string) Seen {
	s.address, s.agent = address, agent
	return s
}

// fetchers are the networks' and messengers' own programs that look at a link to show a card, in lower case, as their operators document them.
var fetchers = []string{
	"facebookexternalhit", "facebookcatalog", "facebot", "meta-externalfetcher", "meta-externalagent", "twitterbot", "linkedinbot", "whatsapp/", "telegrambot", "slackbot", "slack-imgproxy", "discordbot",
	"cardyb", "bluesky", "mastodon/", "pleroma", "akkoma", "misskey", "firefish", "sharkey", "friendica", "gotosocial", "lemmy", "kbin", "mbin", "pixelfed", "peertube", "wordpress/", "pinterest", "redditbot", "skypeuripreview",
	"snapchat", "viber", "linespider", "vkshare", "tumblr/", "embedly", "iframely", "microsoft preview", "bingpreview", "msteams", "google-pagerenderer", "googlemessages", "google-inspectiontool", "feedfetcher", "signal-desktop", "threema", "matrix", "synapse", "xing-contenttabreceiver",
	"flipboard", "mediawiki", "quora link preview", "outbrain", "nuzzel", "bitlybot", "vercelbot", "proximic",
}

// programs are words by which programs that read the web name themselves.
var programs = []string{
	"bot", "crawl", "spider", "slurp", "scrape", "fetch", "http.rb", "curl", "wget", "python", "go-http-client", "java/", "okhttp", "libwww", "perl", "ruby", "php", "axios", "node-fetch", "undici", "httpclient", "headless", "phantomjs", "selenium", "puppeteer",
	"playwright", "lighthouse", "monitor", "uptime", "pingdom", "statuscake", "validator", "archiv", "scan", "preview", "checker", "linkcheck", "nutch", "ahrefs", "semrush", "mj12", "dataprovider", "zgrab", "masscan", "nmap", "censys", "expanse", "facebook.com/externalhit", "google-", "chatgpt", "claude-", "gptbot", "perplexity", "ponte/",
}

// what is what an agent's name says.
type what struct {
	kind   Kind
	why    Why
	device Device
}

// agents remembers what names of agents say; there are few of them. It is safe for use by several goroutines.
type agents struct {
	mu    sync.RWMutex
	known map[string]what
}

const mostAgents = 4096

func newAgents() *agents { return &agents{known: map[string]what{}} }

func (a *agents) of(name string) what {
	a.mu.RLock()
	w, ok := a.known[name]
	a.mu.RUnlock()
	if ok {
		return w
	}
	w = read(name)
	if len(name) > 400 {
		return w
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.known) >= mostAgents { // whoever asks makes them up
		clear(a.known)
	}
	a.known[strings.Clone(name)] = w
	return w
}

// read reads the name of an agent.
func read(name string) what {
	s := strings.ToLower(name)
	has := func(words []string) bool {
		for _, w := range words {
			if strings.Contains(s, w) {
				return true
			}
		}
		return false
	}
	phone := strings.Contains(s, "mozilla/5.0 (")
	switch {
	case strings.TrimSpace(s) == "":
		return what{Bot, WhyMute, DeviceUnknown}
	// The browsers that are part of apps name their app too; they have what no fetcher has: a build of a phone.
	case has(fetchers) && !(phone && (strings.Contains(s, "mobile/") || strings.Contains(s, "; wv)"))):
		return what{Preview, WhyNetwork, DeviceUnknown}
	case has(programs) && !strings.Contains(s, "cubot"): // a maker of phones
		return what{Bot, WhyAgent, DeviceUnknown}
	case !strings.HasPrefix(s, "mozilla/") && !strings.HasPrefix(s, "opera/"):
		return what{Bot, WhyMute, DeviceUnknown}
	case strings.Contains(s, "iphone") || strings.Contains(s, "ipad") || strings.Contains(s, "ipod"):
		return what{Person, WhyNone, DeviceIOS}
	case strings.Contains(s, "android"):
		return what{Person, WhyNone, DeviceAndroid}
	case strings.Contains(s, "windows") || strings.Contains(s, "macintosh") || strings.Contains(s, "x11") || strings.Contains(s, "cros"):
		return what{Person, WhyNone, DeviceDesktop}
	}
	return what{Person, WhyNone, DeviceUnknown}
}

// Recognise says who asks for a link. address is where they come from; it is not kept.
func (l *Links) Recognise(r *http.Request, address string) Seen {
	h := r.Header
	agent := one(h, "User-Agent")
	w := l.agents.of(agent)
	s := Seen{Kind: w.kind, Why: w.why, Device: w.device, address: address, agent: agent}
	switch {
	case s.Kind == Preview:
	case r.Method == http.MethodHead:
		s.Kind, s.Why = Preview, WhyHead
	case prefetch(one(h, "Sec-Purpose")) || prefetch(one(h, "Purpose")) || prefetch(one(h, "X-Purpose")) || prefetch(one(h, "X-Moz")):
		s.Kind, s.Why = Preview, WhyPrefetch
	}
	if accept := one(h, "Accept-Language"); accept != "" {
		s.Language = language(accept)
	}
	if s.Kind != Person {
		return s
	}
	if one(h, "Dnt") == "1" || one(h, "Sec-Gpc") == "1" {
		s.Private, s.Why = true, WhyAsked
		return s
	}
	if from := one(h, "Referer"); from != "" {
		s.Referrer = referrer(from, r.Host)
	}
	return s
}

// one is the first value of a header whose name is written as the map has it.
func one(h http.Header, name string) string {
	if v := h[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

func prefetch(s string) bool {
	return s != "" && (strings.Contains(s, "prefetch") || strings.Contains(s, "preview") || strings.Contains(s, "prerender"))
}

// language is the language that somebody reads first.
func language(accept string) string {
	end := strings.IndexAny(accept, ",;-_ ")
	if end < 0 {
		end = len(accept)
	}
	if end < 2 || end > 3 {
		return ""
	}
	tag := strings.ToLower(accept[:end])
	if !languageName.MatchString(tag) {
		return ""
	}
	return tag
}

// referrer cuts an address to its host: what somebody read there is nobody's business. What comes from the house itself is none.
func referrer(from, here string) string {
	var host string
	if strings.HasPrefix(from, "android-app://") {
		host, _, _ = strings.Cut(strings.TrimPrefix(from, "android-app://"), "/")
	} else {
		u, err := url.Parse(from)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" {
			return ""
		}
		host = u.Hostname()
		if strings.EqualFold(u.Host, here) {
			return ""
		}
	}
	host = strings.TrimPrefix(strings.ToLower(host), "www.")
	if len(host) > 100 || host == "" || strings.ContainsFunc(host, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '.' && r != '-' && r != '_'
	}) {
		return ""
	}
	return host
}
