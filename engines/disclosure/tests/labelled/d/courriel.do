* demander à Claire Martin, claire.martin@exemple.fr, 04 73 12 34 56
use base, clear
regress y x
