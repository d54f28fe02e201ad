package view

// ChannelSheet is one channel: how it does, and what can be done about it.
type ChannelSheet struct {
	Path    string // its forms post to Path + "/probe", "/pause", "/resume", "/rename", "/disconnect", "/reconnect"
	ID      string
	Network string // "mastodon"
	Kind    string // the network's name as people say it
	Name    string
	Handle  string
	URL     string
	Tone    string // "fine", "wait" or "act"
	State   string // how it does, in one sentence
	Todo    string // what to do; "" when nothing
	Facts   []Fact
	// Articles are the newest of a web site.
	Articles []SiteArticle
	// Pages lead to what a web site has pages of its own for.
	Pages  []KeyProps
	Manage bool
	Sample bool
	Broken bool
	Paused bool
}

// SiteArticle is an article of a web site, and where a draft begins that tells of it elsewhere.
type SiteArticle struct {
	Title string
	URL   string // its page
	When  string
	Tell  string // "" for who may not write posts
}

// At is how the account is written: a site has a name and no @.
func (c ChannelSheet) At() string {
	if c.Network == "site" {
		return c.Handle
	}
	return "@" + c.Handle
}

// Channels is the view of the channels' page.
type Channels struct {
	Channels []ChannelSheet
	Manage   bool
}

// NewChannel is the view of the page that connects a network. Its forms post to PathChannels + "/new/mastodon",
// "/new/bluesky" and "/new/site".
type NewChannel struct {
	Chosen  string // the network whose form was sent
	Address string // of a Mastodon server, as typed
	Account string // of a Bluesky account, as typed
	Server  string // of a Bluesky server, as typed
	Site    string // address of a web site, as typed
	User    string // of a WordPress, as typed
	Error   string
	Remedy  string
	Errors  map[string]string // by field: address, account, password, server
}

func (n NewChannel) field(network, name string) string {
	if n.Chosen != network {
		return ""
	}
	return n.Errors[name]
}

// toneIcon is the shape that stands for how a channel does.
func toneIcon(tone string) string {
	switch tone {
	case "fine":
		return "check"
	case "wait":
		return "hourglass"
	}
	return "attention"
}
