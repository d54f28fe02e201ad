package view

// SiteTabs leads between the pages of a web site's channel. A page that somebody may not see has no address.
type SiteTabs struct {
	Path    string // of the channel: "/channels/chn_..."
	Name    string
	Current string // "articles", "mentions", "told", "setup"
	Told    bool
	Setup   bool
}

func (t SiteTabs) list(p Page) []Tab {
	tabs := []Tab{
		{Label: p.T("sitepage.tab.articles"), Href: t.Path + "/articles", Current: t.Current == "articles"},
		{Label: p.T("sitepage.tab.mentions"), Href: t.Path + "/mentions", Current: t.Current == "mentions"},
	}
	if t.Told {
		tabs = append(tabs, Tab{Label: p.T("sitepage.tab.told"), Href: t.Path + "/told", Current: t.Current == "told"})
	}
	if t.Setup {
		tabs = append(tabs, Tab{Label: p.T("sitepage.tab.setup"), Href: t.Path + "/setup", Current: t.Current == "setup"})
	}
	return tabs
}

// SiteArticles is the list of a site's articles with what is said of each.
type SiteArticles struct {
	Tabs SiteTabs
	All  []SiteArticleRow
}

// SiteArticleRow is one of them.
type SiteArticleRow struct {
	Row  RowProps
	Tell string // "" for who may not write posts
}

// SiteMentions is what other people's pages say of a site.
type SiteMentions struct {
	Tabs    SiteTabs
	Filters []Chip
	All     []MentionRow
	More    MoreProps
	None    string // what to say when there are none
	Setup   string // where to connect them; "" for who may not
	Problem *TroubleProps
}

// MentionRow is a mention for the team.
type MentionRow struct {
	ID        string
	Path      string // of the channel
	Who       string // "" until its page was read
	WhoURL    string
	Did       string
	Text      string
	Host      string
	Source    string
	Page      string // what our page is called
	PageURL   string
	When      string
	At        string
	Checked   string
	How       string // by which way we were told
	Tags      []TagProps
	Problem   string
	Remedy    string
	Talk      string // the conversation; "" there is none
	Hide      bool   // may be kept from the site, or shown again
	Hidden    bool
	Reasons   []Option
	Look      bool // may be read again
	BlockHost bool
	Brief     bool // on the page of an article, which says itself what it is about
}

// SiteTold is what the site's articles link, and what came of telling it.
type SiteTold struct {
	Tabs     SiteTabs
	Articles []ToldArticle
	More     MoreProps
}

// ToldArticle is an article with what it links.
type ToldArticle struct {
	ID    string
	Title string
	URL   string
	All   []ToldRow
}

// ToldRow is a page that was told.
type ToldRow struct {
	Row   RowProps
	Again string // where to post to have it told again; "" not
	ID    string
}

// SiteSetup is how a site gets its mentions and shows them.
type SiteSetup struct {
	Tabs   SiteTabs
	Line   string // of HTML, for every page
	Frame  string
	JSON   string
	Look   string
	Paused bool
	Manage bool
	Path   string
	Blocks []BlockRow
	Host   string // as typed
	Errors map[string]string
}

// BlockRow is a host of which nothing is taken.
type BlockRow struct {
	Host  string
	Since string
}

// SiteArticlePage is an article with what is said of it, what it links, and how it speaks.
type SiteArticlePage struct {
	Tabs     SiteTabs
	Title    string
	URL      string
	Excerpt  string
	Tell     string
	Facts    []Fact
	Self     string // how many of its sentences are about ourselves
	Example  string // the first of them
	Mentions []MentionRow
	Told     []ToldRow
	Links    []RowProps // tracked links that lead there
	NewLink  string
}
