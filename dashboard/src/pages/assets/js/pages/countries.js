// countries
