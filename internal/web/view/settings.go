package view

// SettingsTabs are the pages of the settings that the reader may open.
type SettingsTabs struct {
	Current string // path
	Replies bool
	Triage  bool
	Posts   bool
	Ties    bool
	Import  bool
	Audit   bool
}

func (s SettingsTabs) list(p Page) []Tab {
	tabs := []Tab{{Label: p.T("settings.tab.company"), Href: PathSettings}}
	if !p.Few { // the rail of a phone has no room for them
		tabs = append(tabs, Tab{Label: p.T("shell.channels"), Href: PathChannels, OnPhone: true}, Tab{Label: p.T("shell.team"), Href: PathTeam, OnPhone: true})
	}
	if s.Replies {
		tabs = append(tabs, Tab{Label: p.T("settings.tab.replies"), Href: PathSaved})
	}
	if s.Posts {
		tabs = append(tabs, Tab{Label: p.T("postlist.tab.settings"), Href: PathPostSettings})
	}
	if s.Triage {
		tabs = append(tabs, Tab{Label: p.T("settings.tab.triage"), Href: PathTriage})
	}
	if s.Ties {
		tabs = append(tabs, Tab{Label: p.T("settings.tab.ties"), Href: PathTiesWishes})
	}
	if s.Import {
		tabs = append(tabs, Tab{Label: p.T("settings.tab.import"), Href: PathImport})
	}
	tabs = append(tabs, Tab{Label: p.T("settings.tab.privacy"), Href: PathPrivacy})
	if s.Audit {
		tabs = append(tabs, Tab{Label: p.T("settings.tab.audit"), Href: PathAudit})
	}
	tabs = append(tabs, Tab{Label: p.T("settings.tab.me"), Href: PathProfile}, Tab{Label: p.T("settings.tab.help"), Href: PathHelp})
	for i := range tabs {
		tabs[i].Current = tabs[i].Href == s.Current
	}
	return tabs
}

// DayHours are the opening hours of a weekday as they are written: "9:00-13:00, 14:30-18:00".
type DayHours struct {
	Name  string // of the field: "day1" is Monday
	Label string
	Value string
	Error string
}

// Company is the view of the company's settings. It posts to PathSettings.
type Company struct {
	Tabs      SettingsTabs
	Change    bool
	Name      string
	Zones     []Option
	Locales   []Option
	Days      []DayHours
	Targets   []Option
	InHours   bool
	Approvals []ChoiceProps
	TwoFactor bool
	Facts     []Fact // for who may only look
	Error     string
	Remedy    string
	Errors    map[string]string // by field: name, zone, locale, hours, target, approval
	// The sample company.
	SampleThere bool // there is one
	SampleCan   bool // one can be made
	InSample    bool // the reader looks round it
	SampleAlone bool // there is nothing else
}

// SavedLine is a text that the team keeps.
type SavedLine struct {
	ID    string
	Title string
	Body  string
	Used  string // "usata 3 volte"
}

// Replies is the view of saved replies and labels. Its forms post below PathSaved.
type Replies struct {
	Tabs   SettingsTabs
	Manage bool
	Saved  []SavedLine
	Labels []Option // Value is the id
	// The form, as typed; with an ID it changes a reply.
	ID     string
	Title  string
	Body   string
	Error  string
	Remedy string
	Errors map[string]string // by field: title, body
}
