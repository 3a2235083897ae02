package schema

import "strings"

// VocabularyOf returns the vocabulary of that name, such as "hash-algorithm-ov", or nil.
func VocabularyOf(name string) *Vocabulary {
	for _, v := range vocabularies {
		if v.Name == name {
			return v
		}
	}
	return nil
}

// Vocabularies returns all vocabularies: those of §10 in its order, and then the types of
// marking definitions, to which the standard gives no name.
func Vocabularies() []*Vocabulary { return vocabularies }

var vocabularies = []*Vocabulary{
	accountType, attackMotivation, attackResourceLevel, encryptionAlgorithm, extensionType,
	groupingContext, hashAlgorithm, identityClass, implementationLanguage, indicatorType,
	industrySector, infrastructureType, malwareCapabilities, malwareResult, malwareType,
	networkSocketAddressFamily, networkSocketType, opinionEnum, patternType,
	processorArchitecture, region, reportType, threatActorType, threatActorRole,
	threatActorSophistication, toolType, windowsIntegrityLevel, windowsPEBinaryType,
	windowsRegistryDatatype, windowsServiceStartType, windowsServiceType,
	windowsServiceStatus, markingType,
}

// open makes a vocabulary to which anybody may add (§2.14).
func open(name, section, words string) *Vocabulary {
	v := &Vocabulary{Name: name, Section: section, Words: strings.Fields(words)}
	v.index = make(map[string]bool, len(v.Words))
	for _, word := range v.Words {
		v.index[word] = true
	}
	return v
}

// closed makes an enumeration (§2.4).
func closed(name, section, words string) *Vocabulary {
	v := open(name, section, words)
	v.Closed = true
	return v
}

var accountType = open("account-type-ov", "10.1", `
	facebook ldap nis openid radius skype tacacs twitter unix windows-local
	windows-domain`)

var attackMotivation = open("attack-motivation-ov", "10.2", `
	accidental coercion dominance ideology notoriety organizational-gain
	personal-gain personal-satisfaction revenge unpredictable`)

var attackResourceLevel = open("attack-resource-level-ov", "10.3", `
	individual club contest team organization government`)

var encryptionAlgorithm = closed("encryption-algorithm-enum", "10.4", `
	AES-256-GCM ChaCha20-Poly1305 mime-type-indicated`)

var extensionType = closed("extension-type-enum", "10.5", `
	new-sdo new-sco new-sro property-extension toplevel-property-extension`)

var groupingContext = open("grouping-context-ov", "10.6", `
	suspicious-activity malware-analysis unspecified`)

var hashAlgorithm = open("hash-algorithm-ov", "10.7", `
	MD5 SHA-1 SHA-256 SHA-512 SHA3-256 SHA3-512 SSDEEP TLSH`)

var identityClass = open("identity-class-ov", "10.8", `
	individual group system organization class unknown`)

var implementationLanguage = open("implementation-language-ov", "10.9", `
	applescript bash c c++ c# go java javascript lua objective-c perl php powershell
	python ruby rust scala swift typescript visual-basic x86-32 x86-64`)

var indicatorType = open("indicator-type-ov", "10.10", `
	anomalous-activity anonymization benign compromised malicious-activity
	attribution unknown`)

var industrySector = open("industry-sector-ov", "10.11", `
	agriculture aerospace automotive chemical commercial communications construction
	defense education energy entertainment financial-services government
	emergency-services government-local government-national
	government-public-services government-regional healthcare hospitality-leisure
	infrastructure dams nuclear water insurance legal manufacturing mining
	non-profit pharmaceuticals retail technology telecommunications transportation
	utilities`)

var infrastructureType = open("infrastructure-type-ov", "10.12", `
	amplification anonymization botnet command-and-control control-system
	exfiltration firewall hosting-malware hosting-target-lists phishing
	reconnaissance routers-switches staging workstation unknown`)

var malwareCapabilities = open("malware-capabilities-ov", "10.13", `
	accesses-remote-machines anti-debugging anti-disassembly anti-emulation
	anti-memory-forensics anti-sandbox anti-vm captures-input-peripherals
	captures-output-peripherals captures-system-state-data
	cleans-traces-of-infection commits-fraud communicates-with-c2
	compromises-data-availability compromises-data-integrity
	compromises-system-availability controls-local-machine
	degrades-security-software degrades-system-updates determines-c2-server
	emails-spam escalates-privileges evades-av exfiltrates-data fingerprints-host
	hides-artifacts hides-executing-code infects-files infects-remote-machines
	installs-other-components persists-after-system-reboot prevents-artifact-access
	prevents-artifact-deletion probes-network-environment self-modifies
	steals-authentication-credentials violates-system-operational-integrity`)

var malwareResult = open("malware-result-ov", "10.14", `
	malicious suspicious benign unknown`)

var malwareType = open("malware-type-ov", "10.15", `
	adware backdoor bot bootkit ddos downloader dropper exploit-kit keylogger
	ransomware remote-access-trojan resource-exploitation rogue-security-software
	rootkit screen-capture spyware trojan unknown virus webshell wiper worm`)

var networkSocketAddressFamily = closed("network-socket-address-family-enum", "10.16", `
	AF_UNSPEC AF_INET AF_IPX AF_APPLETALK AF_NETBIOS AF_INET6 AF_IRDA AF_BTH`)

var networkSocketType = closed("network-socket-type-enum", "10.17", `
	SOCK_STREAM SOCK_DGRAM SOCK_RAW SOCK_RDM SOCK_SEQPACKET`)

var opinionEnum = closed("opinion-enum", "10.18", `
	strongly-disagree disagree neutral agree strongly-agree`)

var patternType = open("pattern-type-ov", "10.19", `
	stix pcre sigma snort suricata yara`)

var processorArchitecture = open("processor-architecture-ov", "10.20", `
	alpha arm ia-64 mips powerpc sparc x86 x86-64`)

var region = open("region-ov", "10.21", `
	africa eastern-africa middle-africa northern-africa southern-africa
	western-africa americas caribbean central-america latin-america-caribbean
	northern-america south-america asia central-asia eastern-asia southern-asia
	south-eastern-asia western-asia europe eastern-europe northern-europe
	southern-europe western-europe oceania antarctica australia-new-zealand
	melanesia micronesia polynesia`)

var reportType = open("report-type-ov", "10.22", `
	attack-pattern campaign identity incident indicator intrusion-set malware
	observed-data threat-actor threat-report tool vulnerability`)

var threatActorType = open("threat-actor-type-ov", "10.23", `
	activist competitor crime-syndicate criminal hacker insider-accidental
	insider-disgruntled nation-state private-sector sensationalist spy terrorist
	unknown`)

var threatActorRole = open("threat-actor-role-ov", "10.24", `
	agent director independent infrastructure-architect infrastructure-operator
	malware-author sponsor`)

var threatActorSophistication = open("threat-actor-sophistication-ov", "10.25", `
	none minimal intermediate advanced expert innovator strategic`)

var toolType = open("tool-type-ov", "10.26", `
	denial-of-service exploitation information-gathering network-capture
	credential-exploitation remote-access vulnerability-scanning unknown`)

var windowsIntegrityLevel = closed("windows-integrity-level-enum", "10.27", `
	low medium high system`)

var windowsPEBinaryType = open("windows-pebinary-type-ov", "10.28", `
	dll exe sys`)

var windowsRegistryDatatype = closed("windows-registry-datatype-enum", "10.29", `
	REG_NONE REG_SZ REG_EXPAND_SZ REG_BINARY REG_DWORD REG_DWORD_BIG_ENDIAN
	REG_DWORD_LITTLE_ENDIAN REG_LINK REG_MULTI_SZ REG_RESOURCE_LIST
	REG_FULL_RESOURCE_DESCRIPTION REG_RESOURCE_REQUIREMENTS_LIST REG_QWORD
	REG_INVALID_TYPE`)

var windowsServiceStartType = closed("windows-service-start-type-enum", "10.30", `
	SERVICE_AUTO_START SERVICE_BOOT_START SERVICE_DEMAND_START SERVICE_DISABLED
	SERVICE_SYSTEM_ALERT`)

var windowsServiceType = closed("windows-service-type-enum", "10.31", `
	SERVICE_KERNEL_DRIVER SERVICE_FILE_SYSTEM_DRIVER SERVICE_WIN32_OWN_PROCESS
	SERVICE_WIN32_SHARE_PROCESS`)

var windowsServiceStatus = closed("windows-service-status-enum", "10.32", `
	SERVICE_CONTINUE_PENDING SERVICE_PAUSE_PENDING SERVICE_PAUSED SERVICE_RUNNING
	SERVICE_START_PENDING SERVICE_STOP_PENDING SERVICE_STOPPED`)

// markingType is listed in §7.2.1 and not in §10.
var markingType = open("marking-definition-types", "7.2.1", `statement tlp`)
