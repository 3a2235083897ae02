package evidence

import (
	"slices"
	"strings"

	"github.com/cabstand/cabstand/logs"
)

// defaults is, line by line, a user and its passwords; a line that begins with blanks goes on.
// They are log-ins that devices leave the factory with and that Mirai and its children try. They
// are printed in manuals and in papers about the attack of 2016, and give nobody away.
const defaults = `
root xc3511 vizxv admin 888888 xmhdipc default juantech 123456 54321 root 12345 pass 1111 666666
  password 1234 klv123 klv1234 Zte521 hi3518 jvbzd anko zlxx. 7ujMko0vizxv 7ujMko0admin system ikwb
  dreambox user realtek 00000000 toor
admin admin password admin1234 smcadmin 1111 1111111 1234 12345 54321 123456 7ujMko0admin pass
  meinsm
support support
user user
guest guest 12345
Administrator admin
administrator 1234
admin1 password
service service
supervisor supervisor
666666 666666
888888 888888
ubnt ubnt
tech tech
pi raspberry
default default OxhlwSG8 S2fGqNFs
telnet telnet
`

// dictionary is what may be told of log-ins on any machine.
type dictionary struct {
	passwords map[string][]string // by user
	users     []string
}

func newDictionary() dictionary {
	d := dictionary{passwords: map[string][]string{}, users: strings.Fields(usual)}
	for line := range strings.Lines(strings.ReplaceAll(strings.TrimSpace(defaults), "\n  ", " ")) {
		words := strings.Fields(line)
		d.passwords[words[0]] = append(d.passwords[words[0]], words[1:]...)
	}
	return d
}

// isDefault reports whether a log-in is known as a default one.
func (d dictionary) isDefault(user string, password logs.Secret) bool {
	return slices.Contains(d.passwords[user], string(password))
}

// isUsual reports whether a name is one that every machine is asked for, and no person's.
func (d dictionary) isUsual(user string) bool { return slices.Contains(d.users, user) }

const usual = `
root admin administrator Administrator user guest test support service supervisor default
ubnt pi ubuntu debian centos oracle postgres mysql mongodb redis git svn ftp ftpuser www
www-data apache nginx tomcat jenkins hadoop spark kafka elastic elasticsearch nagios zabbix
ansible vagrant docker deploy deployer backup operator monitor minecraft steam teamspeak ts3
odoo testuser test1 user1 admin1 tech telnet ec2-user azureuser opc sysadmin webmaster
mail postfix squid asterisk sip cisco 666666 888888`
